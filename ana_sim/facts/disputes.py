"""The disputes of the literature as curves: an outcome over the parameter that decides who is right, and where.

Nothing is scored here. Each dispute names who claims what; its curves say which of them the model bears out for which
values of a parameter that the sources leave open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from ana_sim.errors import AnaSimError, nearest
from ana_sim.facts.card import REPLICATES, SCORING_SEED
from ana_sim.facts.lab import Lab, both, count, mean, only, over, ratio, repriced
from ana_sim.facts.offers import paid
from ana_sim.facts.rivalry import RENEWED
from ana_sim.panel import Floats
from ana_sim.simulation import Progress, run_jobs, warm_up
from ana_sim.statistics import t_means

Measure = Callable[[Lab, str, float], Floats]
Job = tuple[str, str, float, int, int]

HEINE = "Heine (2024), Active Non-Alignment and Great Power Competition in Our Time, CARI"

COLUMNS = ("dispute", "curve", "x", "estimate", "low", "high", "replicates")
"""Columns of the table of curves: a row per point."""


class DisputeError(AnaSimError):
    """A dispute that there is not."""


class Claim(NamedTuple):
    """What one side says, what its curve would look like, and where it says so."""

    who: str
    says: str
    expects: str
    source: str


@dataclass(frozen=True)
class Dispute:
    """A dispute of the literature, and the curves that the model has for it.

    Attributes
    ----------
    name, title
        Its name, and the question in words.
    claims
        Who claims what, and where.
    parameter, path, unit, values
        What decides it: in words, by its path in a scenario, its unit, and the values that are tried.
    marks
        Values at which something is to be pointed out, each with what.
    curves
        The curves by name, each with its label.
    outcome, y_label
        What is measured, in a sentence and in a few words with the unit.
    measure
        The outcome in each replicate, shape (R,), for a curve and a value.
    """

    name: str
    title: str
    claims: tuple[Claim, ...]
    parameter: str
    path: str
    unit: str
    values: tuple[float, ...]
    marks: Mapping[float, str]
    curves: Mapping[str, str]
    outcome: str
    y_label: str
    measure: Measure


DISPUTES: dict[str, Dispute] = {}
"""All disputes, in the order of the specification."""


def dispute(
    title: str,
    *claims: Claim,
    parameter: str,
    path: str,
    unit: str,
    values: Sequence[float],
    curves: Mapping[str, str],
    outcome: str,
    y_label: str,
    marks: Mapping[float, str] | None = None,
) -> Callable[[Measure], Measure]:
    """Register a function over worlds as the dispute of its name; see `Dispute` for what is stated of it."""

    def register(measure: Measure) -> Measure:
        name = measure.__name__
        DISPUTES[name] = Dispute(
            name, title, claims, parameter, path, unit, tuple(values), marks or {}, curves, outcome, y_label, measure
        )
        return measure

    return register


def curves(
    names: Sequence[str] = (),
    replicates: int = REPLICATES,
    seed: int = SCORING_SEED,
    workers: int | None = None,
    *,
    progress: Progress | None = None,
    executor: Executor | None = None,
    say: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """Compute the curves of disputes, all by default.

    Parameters
    ----------
    names : sequence of str
        Which.
    replicates : int
        Replicates of each world.
    seed : int
        Seed of all luck.
    workers : int, optional
        Number of threads; as many as there are cores by default. Results do not depend on it.
    progress : callable, optional
        Called with the number of points done and their total.
    executor : Executor, optional
        Where to run instead.
    say : callable, optional
        Told that the engine compiles, if it does.

    Returns
    -------
    DataFrame
        A row per point, by dispute, curve and x: mean over replicates, its 95% interval (Student's t), and in how many
        replicates there was something to measure.

    Raises
    ------
    DisputeError
        Naming the dispute that there is not, and the nearest one.
    """
    jobs = [job for name in names or DISPUTES for job in _jobs(dispute_of(name), replicates, seed)]
    warm_up(say)
    return _table(
        jobs, run_jobs(measured, jobs, workers=workers, cost=0, threads=True, progress=progress, executor=executor)
    )


def dispute_of(name: str) -> Dispute:
    """The dispute of a name.

    Raises
    ------
    DisputeError
        If there is none.
    """
    if name not in DISPUTES:
        hint = nearest(name, DISPUTES)
        raise DisputeError(f"there is no dispute {name!r}" + (f"; did you mean {hint!r}?" if hint else ""))
    return DISPUTES[name]


def measured(job: Job) -> Floats:
    """Measure one point: dispute, curve, x, replicates, seed."""
    name, curve, x, replicates, seed = job
    return DISPUTES[name].measure(Lab(replicates, seed), curve, x)


def _jobs(found: Dispute, replicates: int, seed: int) -> list[Job]:
    return [(found.name, curve, x, replicates, seed) for curve in found.curves for x in found.values]


def _table(jobs: Sequence[Job], values: Iterable[Floats]) -> pd.DataFrame:
    found = np.stack(list(values))
    means = t_means(found)
    columns = dict(zip(COLUMNS[:3], zip(*(job[:3] for job in jobs), strict=True), strict=True))
    numbers = {"estimate": means.mean, "low": means.low, "high": means.high}
    return pd.DataFrame({**columns, **numbers, "replicates": np.isfinite(found).sum(axis=1)})


# -- the disputes ----------------------------------------------------------------------------------------------


@dispute(
    "Did the Cold War give small states leverage?",
    Claim("Heine", "a closed rival economy gave little", "near 0 on the left", HEINE),
    Claim(
        "Dunning; Bueno de Mesquita & Smith",
        "a rival was enough to make the donor pay",
        "above 0 from the left on",
        "Dunning (2004), Conditioning the effects of aid, International Organization 58; Bueno de Mesquita & Smith "
        "(2016), Competition and collaboration in aid-for-policy deals, International Studies Quarterly 60",
    ),
    parameter="openness of the rival's economy",
    path="power.rising.openness",
    unit="share",
    values=(0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
    curves={"play_field": "play the field", "shop": "ask around", "align_hegemon": "ally"},
    outcome="what the hegemon pays for a deal, above what it pays for the same deal without a rival",
    y_label="the hegemon's price, % above that without a rival",
    marks={0.1: "the Cold War's (assumed)"},
)
def cold_war_leverage(lab: Lab, curve: str, x: float) -> Floats:
    """Deals that H signs in both worlds, all states playing the curve's strategy."""
    alone = lab.run(RENEWED, "unipolar", curve)
    beside = lab.run({**RENEWED, "power.rising.openness": x}, play=curve)
    return 100.0 * repriced(alone, beside, "hegemon") / paid(alone, "hegemon")


@dispute(
    "Is dependence power?",
    Claim(
        "Hirschman",
        "who depends on a power gives way to it",
        "threats keep the rival out, most on the right",
        "Hirschman (1945), National Power and the Structure of Foreign Trade",
    ),
    Claim(
        "Wagner",
        "dependence alone buys no concession",
        "the curves stay together",
        "Wagner (1988), Economic interdependence, bargaining power, and political influence, "
        "International Organization 42",
    ),
    parameter="share of projects that only the hegemon takes (loans)",
    path="issue.loan.arrival",
    unit="share",
    values=(0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9),
    curves={"none": "no threats", "single": "threats to ties on the issue", "linked": "threats to all ties"},
    outcome="the rising power's part of the networks that non-aligned states settle",
    y_label="the rising power's part of networks, %",
)
def dependence(lab: Lab, curve: str, x: float) -> Floats:
    """Loans, which only H gives, and networks, which both want; no ties at the start, so that loans make dependent.

    A threat of H draws on all ties with it, or on those of the issue, or it does not threaten. All are actively
    non-aligned. (Over exposure at the start, which is alike on all issues, the first two would not differ.)
    """
    ways: dict[str, dict[str, object]] = {
        "linked": {"world.linkage": True},
        "single": {"world.linkage": False},
        "none": {"power.hegemon.pressure.severity": 0.0},
    }
    world = {**RENEWED, "issue.loan.arrival": x, "issue.network.arrival": 1.0 - x, "issue.infrastructure.arrival": 0.0}
    ties = {"issue.loan.interest.rising": 0.0, "states.exposure.hegemon": 0.0, "states.exposure.rising": 0.0}
    panel = lab.run({**world, **ties, **ways[curve]}, play="ana")
    hegemon, rising = (count(panel["share", power], panel.on("network")) for power in ("hegemon", "rising"))
    return 100.0 * ratio(rising, hegemon + rising)


@dispute(
    "Does the hegemon imitate its rival?",
    Claim(
        "Zeitz",
        "it answers a rival's lead in kind",
        "well above 0",
        "Zeitz (2021), Emulate or differentiate?, Review of International Organizations 16",
    ),
    Claim(
        "Gibilisco et al.", "it does not", "0, as at a speed of 0", "Gibilisco et al., as the specification names them"
    ),
    parameter="speed of imitation, eta",
    path="world.demonstration.rate",
    unit="share a year",
    values=(0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0),
    curves={"2": "2 years late", "8": "8 years late", "16": "16 years late"},
    outcome="what the hegemon pays in infrastructure over 30 years, above what it pays for the same without imitation",
    y_label="the hegemon's price, % above that without imitation",
)
def demonstration(lab: Lab, curve: str, x: float) -> Floats:
    """A rival ahead by capability (1.38), infrastructure with deals of five years, states that ask all."""
    world = {**only("infrastructure"), "issue.infrastructure.term": 5, "power.rising.capability": 1.38, "years": 30}
    still, eager = (
        lab.run({**world, "world.demonstration.lag": int(curve), "world.demonstration.rate": rate}, play="shop")
        for rate in (0.0, x)
    )
    return 100.0 * repriced(still, eager, "hegemon") / paid(still, "hegemon")


@dispute(
    "Do public goods decline with the hegemon?",
    Claim(
        "Kindleberger",
        "they go with it",
        "less and less to the right",
        "Kindleberger (1973), The World in Depression",
    ),
    Claim(
        "Snidal",
        "others may supply them",
        "back up once the rival is larger",
        "Snidal (1985), The limits of hegemonic stability theory, International Organization 39",
    ),
    parameter="the rival's share of both capabilities",
    path="power.rising.capability",
    unit="share",
    values=(0.2, 0.3, 0.4, 0.45, 0.48, 0.52, 0.55, 0.6, 0.7, 0.8),
    curves={"all": "public goods and terms", "any": "public goods, by anyone", "hegemon": "by the hegemon"},
    outcome="what states have of public goods, and of these and their terms, with the sum of capabilities held at 2",
    y_label="per state and year (1 = budget of a capability of 1)",
    marks={0.5: "parity"},
)
def decline(lab: Lab, curve: str, x: float) -> Floats:
    """Orders with the same total capability, divided otherwise; default mix."""
    panel = lab.run({**RENEWED, "power.hegemon.capability": 2.0 * (1.0 - x), "power.rising.capability": 2.0 * x})
    if curve == "hegemon":
        own: Floats = panel.power("public_goods", "hegemon").mean(axis=1)
        return own
    columns = ("public_goods", "terms") if curve == "all" else ("public_goods",)
    return np.asarray(sum(mean(panel, column) for column in columns))


@dispute(
    "Is there room for hedging as rivalry sharpens?",
    Claim(
        "Kuik",
        "uncertainty makes it pay",
        "above 0, most where neither is reliable",
        "Kuik (2008), The essence of hedging, Contemporary Southeast Asia 30; Kuik (2021), Getting hedging right, "
        "China International Strategy Review 3",
    ),
    Claim(
        "Korolev; Lim & Cooper",
        "rivalry leaves little room",
        "below 0 on the right",
        "Korolev (2025), When Hedging Fails, Cambridge University Press; Lim & Cooper (2015), Reassessing hedging, "
        "Security Studies 24",
    ),
    parameter="both powers' stake in every issue",
    path="issue.*.stake.*",
    unit="damage by a rival's deal",
    values=(0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
    curves={
        "rival": "only the rival is reliable",
        "both": "both are",
        "neither": "neither is",
        "hegemon": "only the hegemon",
    },
    outcome="payoff of hedging, net of the charge for risk, less that of aligning with the hegemon",
    y_label="payoff of hedging above that of aligning (1 = a budget)",
    marks={0.5: "exclusion clauses on offer"},
)
def hedging(lab: Lab, curve: str, x: float) -> Floats:
    """Reliability of each power, and the belief in it, .97 or .73 (90th and 10th percentiles).

    Both alike, so that there is more uncertainty and no more; or one of them, so that it is also the worse partner.
    Those who change hedge, or align with H; the others keep the mix.
    """
    world = dict(RENEWED)
    for power, alone in (("hegemon", "hegemon"), ("rising", "rival")):
        reliability = 0.97 if curve in (alone, "both") else 0.73
        world |= {f"power.{power}.reliability": reliability, f"power.{power}.belief_initial": reliability}
    for issue in ("loan", "infrastructure", "network"):
        world |= both(f"issue.{issue}.stake.*", x)
    return lab.lead("hedge", "align_hegemon", world, "bipolar", "payoff", "risk")[0]


@dispute(
    "Is the rising power a steady supplier?",
    Claim("Heine", "it outspends the hegemon for years", "little is lost", HEINE),
    Claim(
        "Myers & Ray",
        "its policy banks lent $35-37bn in 2010 and 0 in 2020",
        "much is lost where much hung on them",
        "Myers & Ray (2022), What Role for China's Policy Banks in LAC?, Inter-American Dialogue",
    ),
    parameter="loans' share of projects",
    path="issue.loan.arrival",
    unit="share",
    values=(0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
    curves={
        "align_hegemon": "ally of the hegemon",
        "play_field": "play the field",
        "ana": "active non-alignment",
        "align_rising": "ally of the rising power",
    },
    outcome="payoff in the ten years after the rising power stops lending, less that if it goes on",
    y_label="change of payoff when it stops (1 = a budget a year)",
)
def steady_supplier(lab: Lab, curve: str, x: float) -> Floats:
    """A quarter of the states play the curve's strategy; R lends nothing from the eleventh year on, or goes on."""
    rest = {"issue.infrastructure.arrival": (1.0 - x) / 2.0, "issue.network.arrival": (1.0 - x) / 2.0}
    after = []
    for base in ("lending", "bipolar"):
        panel = lab.changed(curve, {**RENEWED, **rest, "issue.loan.arrival": x}, base)
        after.append(over(panel["payoff"][:, 10:], lab.panel(panel.size.shape[1])[:, None]))
    return after[0] - after[1]
