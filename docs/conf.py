"""The site: `make site` builds it into docs/_build/html."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent / ".ci")]
os.environ.setdefault("MPLBACKEND", "agg")

import borrowing_strength  # noqa: E402
import notebooks  # noqa: E402

project = "Borrowing Strength"
author = "The Borrowing Strength developers"
copyright = "The Borrowing Strength developers. Text CC BY 4.0, code MIT"
release = version = borrowing_strength.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "lessons",
    "reference",
    "teach",
    "names",
    "checks",
]
exclude_patterns = ["_build"]
nitpicky = True
nitpick_ignore_regex = [("py:(class|obj)", ".*")]  # types are words, and backticks mark any code
default_role = "py:obj"  # so that code which has a page links to it

nb_execution_mode = "off"  # `make test` has compared the stored outputs already
nb_code_prompt_show, nb_code_prompt_hide = (
    "Show what happens",
    "Hide what happens",
)  # what follows a prediction is folded
myst_enable_extensions = ["attrs_block", "colon_fence", "dollarmath", "tasklist"]
myst_heading_anchors = 4

add_module_names = False
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints = "none"  # the docstrings say types and shapes in words
napoleon_google_docstring = False
napoleon_custom_sections = [("Attributes", "params_style")]  # the built-in style garbles "mean, sd : ndarray"
napoleon_use_rtype = False

html_theme = "sphinx_book_theme"
html_title = "Borrowing Strength"
html_use_index = html_domain_indices = False  # search does this better
html_context = {"default_mode": "auto"}
html_favicon = "_static/icon.svg"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["sliders.js"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "repository_url": notebooks.repository(),
    "use_repository_button": True,
    "use_download_button": False,  # each lesson has its own, for the notebook as learners get it
    "home_page_in_toc": True,
    "navbar_persistent": [],  # one search field is enough
    "show_toc_level": 2,
}
# Version 3, not 4: it is one file that holds every glyph and every TeX command, so nothing is fetched later.
mathjax_path = "mathjax/tex-svg-full.js"
