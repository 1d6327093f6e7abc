"""Pages that are written to be read in the repository too: what the site needs to be otherwise."""

from __future__ import annotations

import re

from reference import OUTSIDE
from sphinx.application import Sphinx


def adapt(app: Sphinx, page: str, source: list[str]) -> None:
    """Let links to files outside lead to their copies, and lines to write on be rules, in a list too."""
    text = source[0]
    for outside, copy in OUTSIDE.items():
        text = text.replace(f"]({outside})", f"]({copy})")
    source[0] = re.sub(r"^( *)_{10,}$", r'\1<hr class="answer">', text, flags=re.MULTILINE)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect it."""
    app.connect("source-read", adapt)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
