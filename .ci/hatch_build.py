"""What a wheel holds besides the package: the lessons, or, made from a clone, JupyterLab's start on lesson 00.

And the README as a package index shows it.
"""

import re
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface


class Lessons(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            # JupyterLab reads no settings from the working folder, but it does from its environment.
            shared = build_data["shared_data"]
            shared[".ci/jupyter_lab_config.py"] = "etc/jupyter/jupyter_lab_config.py"
            # No question about project news in front of the first lesson.
            shared[".ci/jupyter_lab_overrides.json"] = "share/jupyter/lab/settings/overrides.json"
        else:
            # For `borrowing-strength start`; in a clone they are where they belong.
            for path in Path(self.root, "notebooks").glob("[0-9][0-9]_*.ipynb"):
                build_data["force_include"][str(path)] = f"borrowing_strength/_lessons/{path.name}"


class Readme(MetadataHookInterface):
    def update(self, metadata: dict[str, Any]) -> None:
        text = Path(self.root, "README.md").read_text("utf-8")
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": absolute(text, metadata["urls"]["Repository"]),
        }


def absolute(markdown: str, address: str) -> str:
    """Make links that lead to files of the repository lead there from anywhere; pictures to the files themselves."""

    def whole(match: re.Match[str]) -> str:
        kind = "raw" if match["picture"] else "blob"
        return f"{match['picture']}[{match['text']}]({address}/{kind}/main/{match['link']})"

    return re.sub(r"(?P<picture>!?)\[(?P<text>[^\[\]]*)\]\((?!https?://|#)(?P<link>[^)\s]+)\)", whole, markdown)
