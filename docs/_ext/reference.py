"""Pages made from what the package and the repository say of themselves.

At the start of a build: one page a module from its docstrings (docs/reference), and CONTRIBUTING.md and CHANGELOG.md
with their links turned round to face the site (docs/project). Git ignores both folders.
"""

import inspect
import re
from functools import partial
from pathlib import Path
from types import ModuleType

from docutils import nodes
from lessons import write
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import borrowing_strength as bs
import notebooks
from borrowing_strength import datasets

MODULE = """\
{name}
{line}

.. automodule:: borrowing_strength.{name}
   :members:
   :inherited-members: {foreign}
   :exclude-members: {shown}
"""
PROJECT = ("CHANGELOG.md", "CONTRIBUTING.md")


def write_pages(app: Sphinx) -> None:
    source = Path(app.srcdir)
    for folder in ("reference", "project"):
        (source / folder).mkdir(exist_ok=True)
    homes: dict[object, str] = {}
    for name, module in modules().items():
        # What two lessons share, such as a prior, is described on one page.
        shared = [key for key in getattr(module, "__all__", ()) if homes.get(getattr(module, key), name) != name]
        homes |= {getattr(module, key): name for key in getattr(module, "__all__", ()) if key not in shared}
        text = MODULE.format(name=name, line="=" * len(name), foreign=foreign(module), shown=", ".join(shared))
        if shared:
            where = sorted({homes[getattr(module, key)] for key in shared})
            links = " and ".join(f":doc:`{home}`" for home in where)
            text += f"\n``{'``, ``'.join(shared)}`` are here too; they are described under {links}.\n"
        write(source / "reference" / f"{name}.rst", text.encode())
    write(source / "reference" / "index.md", overview().encode())
    for name in PROJECT:
        text = (notebooks.ROOT / name).read_text("utf-8")
        write(source / "project" / name.lower(), facing_the_site(text).encode())


def modules() -> dict[str, ModuleType]:
    """Return the public modules that have a page of their own; the data sets have another one."""
    public = {name: getattr(bs, name) for name in bs.__all__}
    return {name: value for name, value in public.items() if inspect.ismodule(value) and value is not datasets}


def foreign(module: ModuleType) -> str:
    """Return the libraries' classes that a module builds on; what comes from them belongs to the libraries' pages."""
    bases = {
        base
        for thing in map(partial(getattr, module), dir(module))
        if inspect.isclass(thing)
        for base in inspect.getmro(thing)
    }
    return ", ".join(sorted(base.__name__ for base in bases if not base.__module__.startswith(bs.__name__)))


def overview() -> str:
    rows = [f"| [`bs.{name}`]({name}.rst) | {first_line(module)} |" for name, module in modules().items()]
    names = "\n".join(modules())
    return (
        "# Reference\n\n"
        "Everything public in the package, from its docstrings. In the lessons and here, `bs` stands for\n"
        "`borrowing_strength`.\n\n"
        "| Module | What is in it |\n|---|---|\n" + "\n".join(rows) + "\n| [`bs.datasets`](../data.md) "
        f"| {first_line(datasets)} |\n\n```{{toctree}}\n:hidden:\n\n{names}\n```\n"
    )


def first_line(thing: object) -> str:
    return inspect.getdoc(thing).splitlines()[0]


def facing_the_site(text: str) -> str:
    """Send links to files that the site does not have to where the project lives."""
    return re.sub(r"\]\((?![a-z]+:|#)([^)]+)\)", rf"]({notebooks.repository()}/blob/main/\1)", text)


class DataTable(SphinxDirective):
    """The data sets: size, the lessons that use them, and the file."""

    def run(self) -> list[nodes.Node]:
        rows = ["| Data | Rows | Used in | File |", "|---|---|---|---|"]
        for name, load in inspect.getmembers(datasets, inspect.isfunction):
            if load.__module__ == datasets.__name__ and not name.startswith("_"):
                (stored,) = Path(datasets.__file__).parent.glob(f"{name}.csv*")
                file = f"{{download}}`{stored.name} <../src/borrowing_strength/datasets/{stored.name}>`"
                link = f"[`{name}`](#borrowing_strength.datasets.{name})"
                rows.append(f"| {link} | {len(load())} | {', '.join(users(name))} | {file} |")
        return self.parse_text_to_nodes("\n".join(rows))


def users(name: str) -> list[str]:
    """Return links to the lessons that load a data set."""
    call = f"datasets.{name}("
    return [f"[{p.name[:2]}](notebooks/{p.name})" for p in notebooks.lessons() if call in p.read_text("utf-8")]


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("data-table", DataTable)
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
