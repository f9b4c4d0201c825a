"""The figures of all lessons. Each lives with its lesson; what several lessons draw lives in `core.style`.

One visual language: the same colour, shape and line mean the same thing everywhere. Every function draws into `ax`, or
into a new figure. The title states the finding and comes from the caller.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "core.style": (
        "COMPLETE_POOLING",
        "NO_POOLING",
        "PARTIAL_POOLING",
        "PARTIAL_POOLING_LIGHT",
        "PRIOR",
        "TRUTH",
        "betas",
        "count_distributions",
        "curves",
        "use_style",
    ),
    "beta_binomial.figures": (
        "densities",
        "plate",
        "scenarios",
        "shrinkage",
        "shrinkage_priors",
        "shrunk_against_raw",
        "surface",
    ),
    "mixtures.figures": ("one_rate_band", "predictive_checks", "two_kinds"),
    "redundancy.figures": ("failure_rates",),
    "multilevel.figures": ("funnel", "market_effects", "market_plate", "spread_priors"),
    "meta_analysis.figures": ("forest", "gibbs_path", "sd_priors"),
    "headlines.figures": ("by_forecast", "design", "promises", "winners"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}
__all__ = sorted(name for name in _HOME if name.islower())


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"borrowing_strength.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(_HOME)
