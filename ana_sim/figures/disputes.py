"""The disputes of the literature as small multiples: an outcome over the parameter that decides, and who says what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from ana_sim.figures.lines import Curve, Panel, curves_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ana_sim.facts.disputes import Dispute

__all__ = ["disputes_figure"]


def disputes_figure(
    table: pd.DataFrame, disputes: Mapping[str, Dispute], *, subtitle: str, notes: Sequence[str] = ()
) -> Figure:
    """Draw the curves of disputes, a panel each.

    Parameters
    ----------
    table : DataFrame
        As of :func:`ana_sim.facts.disputes.curves`.
    disputes : mapping
        The disputes by name: `ana_sim.facts.disputes.DISPUTES`.
    subtitle : str
        What it comes to.
    notes : sequence of str
        What the reader should know.

    Returns
    -------
    Figure
        Of a fixed width of 7.2 inches.
    """
    how = "In brackets: how the curves would run if it were so. Bands: 95% intervals of means over replicates. "
    return curves_figure(
        [_panel(disputes[str(name)], table[table["dispute"] == name]) for name in table["dispute"].unique()],
        title="Where the literature disagrees: what the model says",
        subtitle=subtitle,
        notes=[f"{how}All points of a panel meet the same luck.", *notes],
    )


def _panel(found: Dispute, table: pd.DataFrame) -> Panel:
    unit = "" if found.unit in found.parameter else f" ({found.unit})"
    return Panel(
        title=found.title,
        x_label=f"{found.parameter}{unit}",
        y_label=found.y_label,
        curves=[
            Curve(label, table[table["curve"] == curve])
            for curve, label in found.curves.items()
            if (table["curve"] == curve).any()
        ],
        marks=found.marks,
        remarks=[f"{claim.who}: {claim.says} ({claim.expects})." for claim in found.claims],
    )
