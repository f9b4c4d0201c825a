"""Borrowing Strength: hierarchical Bayes for experiments, in notebooks that check your work."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_MODULES = (
    "beta_binomial",
    "calibration",
    "course",
    "datasets",
    "exercises",
    "meta_analysis",
    "mixtures",
    "multilevel",
    "plots",
    "redundancy",
    "sampling",
    "widgets",
)
_EXERCISES = ("check", "hint", "progress", "solution")

__all__ = [*_MODULES, *_EXERCISES]


def __getattr__(name: str) -> Any:
    # Lessons write bs.beta_binomial.fit(...) after one import; what they do not use is not loaded.
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name in _EXERCISES:
        return getattr(import_module(f"{__name__}.exercises"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
