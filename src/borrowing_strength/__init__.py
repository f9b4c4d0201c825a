"""Borrowing Strength: hierarchical Bayes for experiments, in notebooks that check your work."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

__version__ = "0.1.0"

_WITHOUT_WORDS = ("core", "start_here")  # nothing in them is for learners to call
_PARTS = tuple(part.name for part in iter_modules(__path__) if part.name not in _WITHOUT_WORDS)
_HOME = dict.fromkeys(("check", "hint", "progress", "solution"), "exercises")
_HOME |= dict.fromkeys(("predict", "reveal"), "predictions") | {"own_table": "tables"}

__all__ = [*_PARTS, *_HOME]


def __getattr__(name: str) -> Any:
    # Lessons write bs.beta_binomial.fit(...) after one import; what they do not use is not loaded.
    if name in _PARTS:
        return import_module(f"{__name__}.{name}")
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
