"""Formulas as inline pictures: set at build by matplotlib, so that a page needs neither a network nor a script.

MathJax comes from a network, or weighs as much as the rest of the site; LaTeX is not on every machine. Matplotlib is
there anyway and knows nearly all of LaTeX's signs. Each formula carries its LaTeX source as its description, for
screen readers and for browsers without pictures.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from docutils import nodes
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextToPath
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.writers.html5 import HTML5Translator

_GROUP = r"(?:\w|\{(?:[^{}]|\{[^{}]*\})*\})"
WORDS = (
    (r"\\lt\b", "<"),
    (r"\\ge\b", r"\\geq"),
    (r"\\le\b", r"\\leq"),
    (r"\\bmod\b", r"\\quad\\mathrm{mod}\\quad"),
    (r"'", r"^{\\prime}"),  # an index behind a prime then stands below it
    (rf"(\\sum(?:_{_GROUP})?)", r"\1\\,"),
    (r"\)\s*\\(min|max)\b", r")\\,\\\1"),
)
"""What LaTeX knows or sets otherwise than matplotlib, as patterns and what takes their place."""
INLINE = ((r"\\sum(?=_)", r"{\\sum}"),)
"""In a line of text limits stand beside the sign ..."""
DISPLAYED = ((r"\\frac\b", r"\\dfrac"),)
"""... and on lines of their own fractions are large."""

EM = TextToPath.FONT_SCALE / 1.1
"""Units of a picture in one em: the letters are somewhat larger, since those of a serif font look small."""

_MARGIN = 4.0
"""For what overshoots the box that its font states."""

_MARKS = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C", Path.CLOSEPOLY: "Z"}
_POINTS = {Path.MOVETO: 1, Path.LINETO: 1, Path.CURVE3: 2, Path.CURVE4: 3, Path.CLOSEPOLY: 1}


def translated(latex: str, more: Iterable[tuple[str, str]]) -> str:
    """Return a formula in matplotlib's words."""
    text = " ".join(latex.split())
    for pattern, words in (*WORDS, *more):
        text = re.sub(pattern, words, text)
    return f"${text}$"


@cache
def picture(latex: str, more: tuple[tuple[str, str], ...] = INLINE) -> str:
    """Return a formula as SVG, of the colour and the size of the text around it.

    Raises
    ------
    ValueError
        If matplotlib does not understand it.
    """
    shapes, font, text = (
        TextToPath(),
        FontProperties(size=TextToPath.FONT_SCALE, math_fontfamily="stix"),
        translated(latex, more),
    )
    width, height, depth = shapes.get_text_width_height_descent(text, font, ismath=True)
    points, codes = shapes.get_text_path(font, text, ismath=True)
    marks, place = [], 0
    while place < len(codes):
        code = codes[place]
        own = points[place : place + _POINTS[code]] if code != Path.CLOSEPOLY else ()
        marks.append(_MARKS[code] + " ".join(f"{x:.0f} {-y:.0f}" for x, y in own))
        place += _POINTS[code]
    above, below = height - depth + _MARGIN, depth + _MARGIN
    return (
        f'<svg class="formula" role="img" aria-label="{html.escape(" ".join(latex.split()))}" '
        f'width="{width / EM:.3f}em" height="{(above + below) / EM:.3f}em" '
        f'style="vertical-align: {-below / EM:.3f}em" '
        f'viewBox="0 {-above:.0f} {width:.0f} {above + below:.0f}"><path d="{"".join(marks)}"/></svg>'
    )


def pieces(latex: str) -> list[str]:
    """Return a displayed formula as pictures that may stand below each other: line by line, where each stands alone."""
    lines = [line for line in latex.strip().splitlines() if line.strip()]
    try:
        return [picture(line, DISPLAYED) for line in lines]
    except ValueError:
        return [picture(latex, DISPLAYED)]


def visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    """Write a formula in a line of text."""
    self.body.append(f'<span class="math">{_checked(node, picture, node.astext())}</span>')
    raise nodes.SkipNode


def visit_block(self: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula on lines of its own."""
    shown = " ".join(_checked(node, pieces, node.astext()))
    self.body.append(self.starttag(node, "div", CLASS="math") + f"{shown}</div>\n")
    raise nodes.SkipNode


def _checked(node: nodes.Node, make: Callable[[str], Any], latex: str) -> Any:
    try:
        return make(latex)
    except ValueError as error:
        raise ExtensionError(f"{node.source}:{node.line}: a formula is not understood: {latex}\n{error}") from None


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer."""
    app.add_html_math_renderer("mathtext", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
