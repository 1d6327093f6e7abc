"""What the house's docstrings need beside napoleon, before and after it."""

from __future__ import annotations

import re

from sphinx.application import Sphinx

_as_written: dict[str, list[str]] = {}
"""Docstrings that napoleon has no business with, by the name of their object."""


def keep(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Keep the docstring of a property: napoleon takes what stands before a colon in it for a type."""
    if what in ("attribute", "data", "property") and not any(re.fullmatch(r"\s*-{3,}\s*", line) for line in lines):
        _as_written[name] = list(lines)


def mend(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Put back what was kept; show the types of attributes, and several names on a line, as they are written."""
    lines[:] = _as_written.pop(name, lines)
    for place, line in enumerate(lines):
        if found := re.match(r"(\s*:vartype [^:]+:) (.+)$", line):  # words for people: "tuple of str", "shape (n,)"
            line = f"{found[1]} *{found[2]}*"
        if found := re.match(r"(\s*:(?:ivar|vartype) )([^:]+)(:.*)$", line):  # else Sphinx reads "type name"
            line = found[1] + found[2].replace(", ", ",\N{ZERO WIDTH SPACE}") + found[3]
        lines[place] = line


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect both; napoleon's own place is 500."""
    app.connect("autodoc-process-docstring", keep, priority=400)
    app.connect("autodoc-process-docstring", mend, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
