"""How Sphinx makes the site of documents: `./run docs` writes docs/_build/html.

Everything comes from this folder and from the package: no page, while it is built or read, fetches
anything from the network. Tutorials are MyST notebooks without outputs, executed at every build.
"""

import os
import sys
from pathlib import Path

# On a new machine Matplotlib says on standard error that it lists fonts: here, not in a notebook.
import matplotlib.font_manager  # noqa: F401

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_site"))
# One core for each notebook; they are executed side by side.
for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

project = "hiddenlaw"
author = "hiddenlaw contributors"
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "pages_in_git",
    "plain_docstrings",
    "typeset_formulas",
]
exclude_patterns = ["_build", "_site"]

highlight_language = "text"

# Markdown: anchors as GitHub makes them, so that a link works here and there.
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 4

# Notebooks. A cell that raises, or writes to standard error, fails the build.
nb_execution_mode = "force"
nb_execution_timeout = 120  # seconds a cell; on an idle core none needs more than thirty
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_output_stderr = "remove-warn"
nb_merge_streams = True

# The reference, from docstrings.
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
python_use_unqualified_type_names = True
maximum_signature_line_length = 70
add_module_names = False
default_role = "py:obj"  # `Dataset` is a link where it is documented, and code where it is not

html_math_renderer = "ziamath"
html_theme = "pydata_sphinx_theme"
html_title = "hiddenlaw"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "logo": {"text": "hiddenlaw"},
    "show_prev_next": True,
    "navigation_with_keys": False,
    "header_links_before_dropdown": 5,
    "footer_start": [],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "pygments_light_style": "friendly",
    "pygments_dark_style": "monokai",
}
_ALONE = ("index", "python", "how-it-works", "compared", "contributing", "changes")
html_sidebars = {page: [] for page in _ALONE}  # no pages below them to list
