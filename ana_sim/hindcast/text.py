"""What a hindcast found, as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ana_sim.summary_text import align

if TYPE_CHECKING:
    from ana_sim.hindcast.forecast import Hindcast


def hindcast_text(result: Hindcast) -> str:
    """Write the scores, the fits and the means of the last year."""
    scores, fits, table = result.scores, result.fits, result.table
    total = scores.iloc[0]
    lines = [
        "China's part of trade with the United States and China",
        "mean absolute error of the median, and how much of the record the 80% interval holds",
        f"fitted on 2001-2005, judged by {int(total['states'])} states; replicates: {result.replicates:,}",
        "",
    ]
    head = ["", "model", "persistence", "linear trend", "coverage"]
    rows = [
        [
            str(row["period"]),
            *(f"{row[name]:.3f}" for name in ("model", "persistence", "trend")),
            f"{100.0 * row['coverage']:.0f}%",
        ]
        for row in scores.to_dict("records")
    ]
    lines += [*align([head], rows), ""]
    lines += [
        f"fitted on {row['from_year']}-{row['to_year']}: elasticity of ties {row['ties']:.2f}, of economic weight "
        f"{row['size']:.2f}, noise {row['sigma']:.2f} a year (log-odds)"
        for row in fits.to_dict("records")
    ]
    last = int(table["year"].max())
    means = table[table["year"] == last].groupby("quantity")["median"].mean()
    lines += [
        "",
        f"{last}, mean over states: ratio {means['china_trade_ratio']:.2f}, member of the Belt and Road "
        f"{100.0 * means['joins_club']:.0f}%, recognises Beijing {100.0 * means['recognises_rising']:.0f}%",
    ]
    return "\n".join(lines)
