"""Names that the theme forgets, for those who hear a page: its sidebar, and the buttons that unfold a part of it."""

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

NAMED = {
    '<div id="pst-primary-sidebar"': ' role="region" aria-label="Contents of the site"',
    '<summary><span class="toctree-toggle"': ' aria-label="Show or hide the pages below"',
}


def name(app: Sphinx, failure: Exception | None) -> None:
    """Write the names into every page that has the parts; a theme without them is another one."""
    if failure is not None or app.builder.name != "html":
        return
    found = dict.fromkeys(NAMED, 0)
    for path in Path(app.outdir).rglob("*.html"):
        text = path.read_text("utf-8")
        for part, label in NAMED.items():
            tag = part[: part.index(">") if ">" in part else len(part)]
            named = part.replace(tag, tag + label, 1)
            found[part] += text.count(part) + text.count(named)
            text = text if named in text else text.replace(part, named)
        path.write_text(text, "utf-8")
    if missing := [part for part, count in found.items() if not count]:
        raise ExtensionError(f"no page has {missing}: what does the theme write now?")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register."""
    app.connect("build-finished", name)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
