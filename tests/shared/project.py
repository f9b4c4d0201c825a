"""What the project says about itself, for the tests of what it promises."""

import os
import re
import tomllib

import pytest
import yaml

from notebooks import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKED = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))["package"]
README = (ROOT / "README.md").read_text("utf-8")
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
PYTHONS = ["3.12", "3.13", "3.14"]

needs_make = pytest.mark.skipif(os.name == "nt", reason="make and shell scripts are for Linux and macOS")


def workflow(name: str) -> dict:
    return yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text("utf-8"))
