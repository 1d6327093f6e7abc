"""The score card: facts tried, and tried again with the mechanism switched off that must break them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

import pandas as pd

from ana_sim.errors import AnaSimError, nearest
from ana_sim.facts.fact import FACTS, KINDS, SOURCES, Fact
from ana_sim.facts.lab import Lab
from ana_sim.facts.score import Finding, Verdict, deciding, score
from ana_sim.simulation import Progress, run_jobs, warm_up

TUNING_SEED, SCORING_SEED = 1, 2010
"""Seeds of all luck: of pilots and of the calibration, and of the score card. What was looked at is not scored."""

REPLICATES = 100
"""Replicates of each world of a fact."""


class FactError(AnaSimError):
    """A fact that there is not."""


@dataclass(frozen=True)
class Score:
    """A fact scored.

    Attributes
    ----------
    fact : Fact
        What was tried.
    findings : tuple of Finding
        Its parts over the replicates.
    ablated : tuple of Finding
        The same with the ablation; empty where there is none.
    """

    fact: Fact
    findings: tuple[Finding, ...]
    ablated: tuple[Finding, ...] = field(default=())

    @property
    def deciding(self) -> Finding:
        """The part that decides."""
        return deciding(self.findings)

    @property
    def verdict(self) -> Verdict:
        """``holds`` if all parts do, ``fails`` if one does, else ``undecided``."""
        return self.deciding.verdict

    @property
    def breaks(self) -> bool | None:
        """Whether the ablation leaves a fact that no longer holds; None where it did not, or without one."""
        if self.verdict != "holds" or not self.ablated:
            return None
        return deciding(self.ablated).verdict != "holds"


def scored(
    names: Sequence[str] = (),
    *,
    replicates: int = REPLICATES,
    seed: int = SCORING_SEED,
    workers: int | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    say: Callable[[str], None] | None = None,
) -> list[Score]:
    """Score facts, all by default, in the order of the card: part A, then part B.

    Parameters
    ----------
    names : sequence of str
        Which.
    replicates : int
        Replicates of each world; more of them narrow an interval, and do not move what it is held against.
    seed : int
        Seed of all luck.
    workers : int, optional
        Number of threads; as many as there are cores by default. Results do not depend on it.
    progress : callable, optional
        Called with the number of jobs done and their total.
    executor : Executor, optional
        Where to run instead.
    say : callable, optional
        Told that the engine compiles, if it does.

    Raises
    ------
    FactError
        Naming the fact that there is not, and the nearest one.
    """
    chosen = [fact_of(name) for name in names] or sorted(FACTS.values(), key=lambda fact: fact.section)
    jobs = [(fact.name, ablated, replicates, seed) for fact in chosen for ablated in (False, True)]
    jobs = [job for job in jobs if not job[1] or FACTS[job[0]].ablation is not None]
    warm_up(say)
    done = run_jobs(tried, jobs, workers=workers, cost=0, threads=True, progress=progress, executor=executor)
    found = dict(zip([job[:2] for job in jobs], done, strict=True))
    return [Score(fact, found[fact.name, False], found.get((fact.name, True), ())) for fact in chosen]


def fact_of(name: str) -> Fact:
    """The fact of a name.

    Raises
    ------
    FactError
        If there is none.
    """
    if name not in FACTS:
        hint = nearest(name, FACTS)
        raise FactError(f"there is no fact {name!r}" + (f"; did you mean {hint!r}?" if hint else ""))
    return FACTS[name]


def tried(job: tuple[str, bool, int, int]) -> tuple[Finding, ...]:
    """Try one fact, as it is or with its ablation: name, which, replicates, seed."""
    name, ablated, replicates, seed = job
    fact = FACTS[name]
    lab = Lab(replicates, seed)
    if ablated and fact.ablation is not None:
        lab = Lab(replicates, seed, fact.ablation.settings, fact.ablation.play)
    return tuple(score(part) for part in fact.parts(lab))


def card_table(scores: Sequence[Score]) -> pd.DataFrame:
    """A row per fact: what was varied, the part that decides with its interval, the verdict, the ablation."""
    rows = []
    for done in scores:
        fact, part = done.fact, done.deciding
        ablated = deciding(done.ablated) if done.ablated else None
        rows.append(
            {
                "fact": fact.name,
                "section": fact.section,
                "kind": KINDS[fact.kind],
                "family": fact.family,
                "claim": fact.claim,
                "vary": fact.vary,
                "expect": fact.expect,
                "falsified_by": fact.falsified,
                "verdict": done.verdict,
                "deciding_part": part.what,
                "part_expects": part.expect,
                "estimate": part.estimate,
                "low": part.low,
                "high": part.high,
                "delta": part.delta,
                "replicates": part.n,
                "ablation": fact.ablation.what if fact.ablation else "",
                "ablated_part": ablated.what if ablated else "",
                "ablated_estimate": ablated.estimate if ablated else float("nan"),
                "ablated_delta": ablated.delta if ablated else float("nan"),
                "ablated_verdict": ablated.verdict if ablated else "",
                "ablation_breaks": "" if done.breaks is None else ("yes" if done.breaks else "no"),
                "source": "; ".join(SOURCES[key] for key in fact.source.split(", ")),
                "reading": fact.reading,
            }
        )
    return pd.DataFrame(rows)


def parts_table(scores: Sequence[Score]) -> pd.DataFrame:
    """A row per part of each fact, as it is and with the ablation."""
    rows = [
        {
            "fact": done.fact.name,
            "world": world,
            "part": part.what,
            "expects": part.expect,
            "counts": part.counts,
            "estimate": part.estimate,
            "low": part.low,
            "high": part.high,
            "delta": part.delta,
            "verdict": part.verdict,
            "replicates": part.n,
        }
        for done in scores
        for world, parts in (("as it is", done.findings), ("ablated", done.ablated))
        for part in parts
    ]
    return pd.DataFrame(rows)
