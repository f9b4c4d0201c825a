"""Lessons and tests start from nothing: no answers given before, no settings of the person who runs them."""

import os
import tempfile

import pytest


def pytest_configure(config: pytest.Config) -> None:
    scratch = tempfile.TemporaryDirectory()
    config.add_cleanup(scratch.cleanup)
    os.environ["BORROWING_STRENGTH_STATE"] = scratch.name
    os.environ["BORROWING_STRENGTH_QUIET"] = "1"
    os.environ["IPYTHONDIR"] = scratch.name
