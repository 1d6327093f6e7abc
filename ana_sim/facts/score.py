"""How parts and facts are scored: intervals against an effect size that was fixed beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import stdtrit

from ana_sim.facts.fact import Expect, Part
from ana_sim.statistics import ROUNDING

Verdict = Literal["holds", "undecided", "fails"]

DELTA = 0.05
"""The effect size of interest: 5% of mean terms, or 5 points of a rate."""

WORST_FIRST: Sequence[Verdict] = ("fails", "undecided", "holds")


@dataclass(frozen=True)
class Finding:
    """A part over the replicates.

    Attributes
    ----------
    what, expect, counts
        As in :class:`ana_sim.facts.fact.Part`.
    estimate, low, high
        Mean of the contrast, and its 95% interval (Student's t over replicates).
    delta
        The effect size that it is held against, in the same unit.
    verdict
        ``holds`` if the interval lies beyond delta, ``fails`` if it lies below, else ``undecided``.
    n
        Replicates in which there was something to compare.
    """

    what: str
    expect: Expect
    counts: bool
    estimate: float
    low: float
    high: float
    delta: float
    verdict: Verdict
    n: int

    @property
    def margin(self) -> float:
        """How far the estimate lies on the right side of what is asked of it, in deltas."""
        if not np.isfinite(self.estimate):
            return -np.inf
        match self.expect:
            case "more":
                return (self.estimate - self.delta) / self.delta
            case "no less":
                return (self.estimate + self.delta) / self.delta
            case _:
                return (self.delta - abs(self.estimate)) / self.delta


def score(part: Part) -> Finding:
    """Score a part over its replicates; those in which nothing could be compared are left out.

    "More" holds if the 95% interval lies above delta, and fails if it lies below; "no less" likewise at -delta. "None"
    is equivalence by two one-sided tests at 5% each (TOST): it holds if the 90% interval lies within delta, and fails
    if it lies outside. "Zero" holds if the contrast is 0 in every replicate, up to rounding.
    """
    values = np.asarray(part.values, dtype=np.float64)
    values = values[np.isfinite(values)]
    delta, n = DELTA * part.scale, len(values)
    if n < 2:
        nothing = float("nan")
        return Finding(part.what, part.expect, part.counts, nothing, nothing, nothing, delta, "undecided", n)
    estimate, error = float(values.mean()), float(values.std(ddof=1) / np.sqrt(n))
    outer, inner = (error * float(stdtrit(n - 1, p)) for p in (0.975, 0.95))
    verdict: Verdict = "undecided"
    if part.expect == "zero":
        verdict = "holds" if float(np.abs(values).max()) <= ROUNDING else "fails"
    elif part.expect == "none":
        if abs(estimate) + inner < delta:
            verdict = "holds"
        elif abs(estimate) - inner > delta:
            verdict = "fails"
    else:
        bound = -delta if part.expect == "no less" else delta
        if estimate - outer > bound:
            verdict = "holds"
        elif estimate + outer < bound:
            verdict = "fails"
    return Finding(part.what, part.expect, part.counts, estimate, estimate - outer, estimate + outer, delta, verdict, n)


def deciding(findings: Sequence[Finding]) -> Finding:
    """The part that decides a fact, all of whose parts must hold: of the worst, the one that falls short most."""
    counting = [finding for finding in findings if finding.counts]
    return min(counting, key=lambda finding: (WORST_FIRST.index(finding.verdict), finding.margin))
