"""The sliders of all lessons, over exact answers. Nothing is simulated, so the picture follows the hand."""

from importlib import import_module
from typing import Any

_HOME = {
    "Slider": "core",
    "conversion_rate": "start_here",
    "four_variants": "beta_binomial",
    "two_spikes": "mixtures",
    "what_buys_safety": "redundancy",
    "market_pooling": "multilevel",
    "gibbs_path": "meta_analysis",
    "headline_design": "headlines",
}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"borrowing_strength.{_HOME[name]}.slider"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
