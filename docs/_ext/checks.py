"""What every built page is held to. `faults` names each breach; a build turns it into a warning, hence an error."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup
from sphinx.application import Sphinx
from sphinx.util import logging

LOADED = {"img": "src", "script": "src", "iframe": "src", "source": "src", "link": "href"}
ONLY_NAMED = {"canonical", "next", "prev", "search", "index", "author", "copyright"}  # <link>s that load nothing


def faults(folder: Path) -> Iterator[str]:
    """Yield a sentence for each broken link, picture without alt text and file loaded from another host."""
    parse = cache(lambda path: BeautifulSoup(path.read_bytes(), "html.parser"))
    anchors = cache(lambda path: {tag["id"] for tag in parse(path).find_all(id=True)})
    static = folder / "_static"  # the theme's templates lie there
    for path in sorted(set(folder.rglob("*.html")) - set(static.rglob("*"))):
        page, name = parse(path), path.relative_to(folder).as_posix()
        for tag in page.find_all(["a", *LOADED]):
            address = tag.get("href") or tag.get("src")
            if address and not leads_somewhere(address, path, folder, anchors):
                yield f"{name}: links to {address}, which is not there"
        for tag in page.find_all(list(LOADED)):
            if not ONLY_NAMED.intersection(tag.get("rel", ())) and is_elsewhere(tag.get(LOADED[tag.name], "")):
                yield f"{name}: loads {tag[LOADED[tag.name]]} from another host"
        for image in page.find_all("img"):
            if not image.get("alt", "").strip():
                yield f"{name}: the picture {image.get('src', '')[:80]} has no alt text"


def is_elsewhere(address: str) -> bool:
    return bool(urlsplit(address).netloc)


def leads_somewhere(address: str, path: Path, folder: Path, anchors: Callable[[Path], set[str]]) -> bool:
    """Tell whether an address on a page of the site has its file and its anchor; others' hosts are not asked."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return True
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.is_relative_to(folder.resolve()) or not target.is_file():
        return False
    anchor = unquote(parts.fragment)
    return not anchor or target.suffix != ".html" or anchor in anchors(target)


def warn(app: Sphinx, failure: Exception | None) -> None:
    if failure is None and app.builder.name == "html":
        for sentence in faults(Path(app.outdir)):
            logging.getLogger(__name__).warning(sentence)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("build-finished", warn)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
