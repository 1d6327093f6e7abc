"""The score card for a terminal, and one fact at length."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

from ana_sim.facts.card import Score
from ana_sim.facts.fact import KINDS, SOURCES
from ana_sim.facts.score import Finding

AIMS = {"A": 0.9, "B": 0.8}
"""Share of a section's emergent facts that should hold, each with its ablation breaking it."""

SECTIONS = {"A": "the cases", "B": "the system"}


def card_rows(scores: Sequence[Score]) -> list[tuple[str, ...]]:
    """Rows of the card as words, the heading first."""
    rows: list[tuple[str, ...]] = [
        ("fact", "kind", "verdict", "estimate", "95% interval", "delta", "ablation", "deciding part")
    ]
    for done in scores:
        part = done.deciding
        broken = {None: "-", True: "breaks it", False: "leaves it"}[done.breaks]
        rows.append(
            (done.fact.name, done.fact.kind, done.verdict, *_numbers(part), broken, f"{part.what} ({part.expect})")
        )
    return rows


def totals(scores: Sequence[Score]) -> list[str]:
    """What the card comes to, in a line a section and kind; emergent facts count with their ablations."""
    lines = []
    for section, title in SECTIONS.items():
        own = [done for done in scores if done.fact.section == section and done.fact.kind == "e"]
        if not own:
            continue
        good = [done for done in own if done.verdict == "holds" and done.breaks]
        held = sum(done.verdict == "holds" for done in own)
        share = len(good) / len(own)
        lines.append(
            f"Part {section}, {title}: {len(good)} of {len(own)} emergent facts hold and break with their ablation "
            f"({share:.0%}; aim {AIMS[section]:.0%}); {held} hold"
        )
    for kind, title in (("i", "near-identities"), ("c", "conjectures")):
        own = [done for done in scores if done.fact.kind == kind]
        if own:
            lines.append(f"{sum(done.verdict == 'holds' for done in own)} of {len(own)} {title} hold")
    return lines


def fact_text(done: Score) -> str:
    """One fact at length: the claim, what was varied and found, part by part, and its reading."""
    fact = done.fact
    lines = [
        f"{fact.name}: {done.verdict}",
        *textwrap.wrap(f"{fact.claim}.", 100),
        f"{KINDS[fact.kind]}; part {fact.section}, {SECTIONS[fact.section]}; {fact.family}",
        f"varied     {fact.vary}",
        f"expected   {fact.expect}",
        f"falsified  {fact.falsified}",
        "",
        *_parts("as it is", done.findings),
    ]
    if fact.ablation is not None:
        broken = {None: "", True: " (breaks it)", False: " (leaves it standing)"}[done.breaks]
        lines += ["", *_parts(f"ablation: {fact.ablation.what}{broken}", done.ablated)]
    lines += ["", *textwrap.wrap(f"Reading: {fact.reading}.", 100)]
    lines += [f"Source: {SOURCES[key]}." for key in fact.source.split(", ")]
    return "\n".join(lines)


def _parts(title: str, findings: Sequence[Finding]) -> list[str]:
    lines = [title]
    for part in findings:
        estimate, interval, delta = _numbers(part)
        verdict = part.verdict if part.counts else f"({part.verdict})"
        lines.append(f"  {verdict:<11} {estimate:>8} {interval:>18}  delta {delta}  {part.what} ({part.expect})")
    return lines


def _numbers(part: Finding) -> tuple[str, str, str]:
    if math.isnan(part.estimate):
        return "-", "-", f"{part.delta:.3f}"
    return f"{part.estimate:+.3f}", f"[{part.low:+.3f}, {part.high:+.3f}]", f"{part.delta:.3f}"
