"""Make `jupyter lab` open lesson 00, in an environment made from a clone and in no other."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class OpenLessonZero(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        # JupyterLab reads no settings from the working folder, but it does from its environment.
        if version == "editable":
            shared = build_data["shared_data"]
            shared[".ci/jupyter_lab_config.py"] = "etc/jupyter/jupyter_lab_config.py"
            # No question about project news in front of the first lesson.
            shared[".ci/jupyter_lab_overrides.json"] = "share/jupyter/lab/settings/overrides.json"
