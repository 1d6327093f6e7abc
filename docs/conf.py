"""How the documentation is built: `make docs`, without a network, with every warning an error."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

# The rules are read as plain functions, with their names, arguments and docstrings; nothing is compiled.
os.environ["NUMBA_DISABLE_JIT"] = "1"

from ana_sim import __version__  # noqa: E402

project = "ana_sim"
author = copyright = "The ana_sim authors"  # the year is the version's, not the build's
version = release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "docstrings",
    "mathtext",
    "pages",
    "reference",
]
exclude_patterns = ["_build", "_ext"]
templates_path: list[str] = []

# -- text --

myst_enable_extensions = ["attrs_block", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4
myst_dmath_double_inline = True
default_role = "code"
highlight_language = "text"
smartquotes = False

# -- reference --

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autodoc_type_aliases = {name: name for name in ("Floats", "Ints", "Mask", "Names")}
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
napoleon_google_docstring = False
napoleon_use_param = False  # types are words for people ("mapping, optional"), not references
napoleon_use_rtype = False
napoleon_use_ivar = True

nitpicky = True
# Types of other packages, to which there is nothing to link without a network.
nitpick_ignore_regex = [
    ("py:class", r"(collections|concurrent|matplotlib|mesa|numpy|pandas|pathlib|pyarrow|pydantic)\..+"),
    ("py:class", r"(DataCollector|DataFrame|Figure|Path|PathLike|array|ndarray|pd\.DataFrame)"),
]
# The code's own names for arrays, and classes that stand in a signature and that nobody makes by hand.
nitpick_ignore = [
    *(("py:class", name) for name in ("Floats", "Ints", "Mask", "Names")),
    *(("py:class", f"ana_sim.parameters.{name}") for name in ("Change", "Issue", "Link", "Power", "States")),
    *(("py:class", f"ana_sim.parameters.{name}") for name in ("Strategies", "World")),
    *(("py:class", f"ana_sim.{name}") for name in ("kernel.note.Notes", "roster.Roster", "state_table.StateTable")),
    *(("py:class", f"ana_sim.{name}") for name in ("comparison.Plan", "sweeps.runner.SweepPlan", "tally.Tally")),
    *(("py:class", name) for name in ("Dispute", "SmallState", "ana_sim.facts.score.Finding")),
]

# -- pages --

html_theme = "furo"
html_title = f"ana_sim {__version__}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_math_renderer = "mathtext"
html_copy_source = False
html_show_sphinx = False
