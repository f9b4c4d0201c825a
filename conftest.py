"""Lessons and tests start from nothing: no answers given before, no settings of the person who runs them."""

import os
import tempfile

import pytest

# The longest files, longest first. Each is run by one worker, and what is short fills the gaps behind them.
LONG = ("promises", "strange_objects", "sizes", "test_headlines", "wrong_answers", "site", "headlines/test_calibrated")
LONG += ("test_notebooks", "06_headlines", "hostile_calls", "brute_force", "multilevel/test_answers")
LONG += ("05_gibbs", "04_multilevel", "02_mixtures")


def pytest_configure(config: pytest.Config) -> None:
    scratch = tempfile.TemporaryDirectory()
    config.add_cleanup(scratch.cleanup)
    os.environ["BORROWING_STRENGTH_STATE"] = scratch.name
    os.environ["BORROWING_STRENGTH_QUIET"] = "1"
    os.environ["IPYTHONDIR"] = scratch.name


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: next((k for k, name in enumerate(LONG) if name in item.path.as_posix()), len(LONG)))
