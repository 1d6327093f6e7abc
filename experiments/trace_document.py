"""Write what the score card and the hindcast come to into ``docs/trace.md``, or check that it stands there.

    python experiments/trace_document.py            # runs both at the scoring seed, and writes what comes out
    python experiments/trace_document.py --check    # writes nothing; exit status 1 if the document says otherwise

Everything is computed at the seed of scoring and the number of replicates that the commands use by default, so that the
tables are those of ``ana-sim facts`` and ``ana-sim hindcast``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ana_sim.facts import SCORING_SEED, Score, scored
from ana_sim.facts.text import totals
from ana_sim.hindcast.forecast import Hindcast, hindcast

DOCUMENT = Path(__file__).parent.parent / "docs" / "trace.md"


def card_block(scores: Sequence[Score]) -> str:
    """The score card in Markdown."""
    lines = [
        f"Seed {SCORING_SEED}; {scores[0].deciding.n} replicates. "
        "Estimate and interval are of the part that decides, in its own unit.",
        "",
        *(f"- {line}." for line in totals(scores)),
        "",
        "| fact | part | kind | verdict | deciding part | estimate [95% interval] | delta | ablation | with it |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for done in scores:
        fact, part = done.fact, done.deciding
        ablation = fact.ablation.what if fact.ablation else "-"
        after = {None: "-", True: "breaks", False: "stands"}[done.breaks]
        lines.append(
            f"| `{fact.name}` | {fact.section} | {fact.kind} | {done.verdict} | {part.what} ({part.expect}) "
            f"| {part.estimate:+.3f} [{part.low:+.3f}, {part.high:+.3f}] | {part.delta:.3f} | {ablation} | {after} |"
        )
    return "\n".join(lines)


def hindcast_block(done: Hindcast) -> str:
    """The scores of the hindcast, and what was fitted, in Markdown."""
    lines = [
        "| years | model | persistence | linear trend | record within the 80% interval |",
        "|---|---|---|---|---|",
    ]
    for row in done.scores.itertuples():
        lines.append(
            f"| {row.period} | {row.model:.3f} | {row.persistence:.3f} | {row.trend:.3f} | {row.coverage:.0%} |"
        )
    lines += ["", "| fitted on | elasticity of ties a | of economic weight b | noise sigma |", "|---|---|---|---|"]
    for row in done.fits.itertuples():
        lines.append(f"| {row.from_year}-{row.to_year} | {row.ties:.2f} | {row.size:.2f} | {row.sigma:.2f} |")
    return "\n".join(lines)


def with_blocks(text: str, blocks: dict[str, str]) -> str:
    """The document with what stands between the marks of each block replaced.

    Raises
    ------
    ValueError
        If a block has no marks.
    """
    for name, block in blocks.items():
        marks = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        before, begun, rest = text.partition(marks[0])
        _, ended, after = rest.partition(marks[1])
        if not (begun and ended):
            raise ValueError(f"no place for {name}: {marks[0]}")
        text = f"{before}{begun}\n{block}\n{ended}{after}"
    return text


def written(workers: int | None = None) -> str:
    """The document as it should be."""
    blocks = {"card": card_block(scored(workers=workers)), "hindcast": hindcast_block(hindcast(workers=workers))}
    return with_blocks(DOCUMENT.read_text(encoding="utf-8"), blocks)


def main() -> int:
    """Run, then write or check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the document is not current")
    asked = parser.parse_args()
    text = written()
    if asked.check:
        current = text == DOCUMENT.read_text(encoding="utf-8")
        print("docs/trace.md is current" if current else "docs/trace.md is not what the code gives", file=sys.stderr)
        return 0 if current else 1
    DOCUMENT.write_text(text, encoding="utf-8", newline="\n")
    print(f"written: {DOCUMENT.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
