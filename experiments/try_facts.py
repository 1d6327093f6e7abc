"""Try the emergent rows of FACTS.md on the Mesa engine: paired contrasts under common random numbers.

    python experiments/try_facts.py [NAME ...] [--replicates N] [--workers N] [--parts]

A row is a function of a replicate's number: it runs its worlds under that replicate's luck and returns its
parts, what the row expects of each among them. Over the replicates a part has an estimate and a t-interval;
delta is 5% of the mean terms (or price) it is measured in, 5 points for a rate. A part holds if its 95%
interval lies beyond delta, fails if it lies below; "none" is equivalence by two one-sided tests at 5%, "no
less" non-inferiority. A row holds if all its parts do. Its line shows the part that decides; --parts shows
all.

Contrasts were written down before any was run. Set anew after a pilot, because the world and not the model
was at fault: ideology_divides (aligned members had saturated the vote), recognition (its arrival had been
raised, so that claims shared a budget), structure_over_ideology (the mirror was too noisy in a panel),
ecuador_fta (FTAs with a term are struck anew each year), brazil_5g, valparaiso_cable and dfc_exclusion (a
world of networks alone). No range, seed or strategy was chosen for a verdict.

Exit status: 0 done; 1 a world failed; 2 the request was wrong (one line says which and why).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from ana_sim.errors import AnaSimError, nearest
from ana_sim.model import AnaModel
from ana_sim.scenario import Scenario

SEED = 1
SMALL = {"states.count": 12, "years": 20}
ISSUES = ("trade", "loan", "infrastructure", "network", "recognition")
ALIGNED = ("align_hegemon", "align_rising")
Settings = Mapping[str, object]

#: Worlds that need an issue, a power or states of their own.
FILES = {
    "region.toml": """
        [world]
        bloc = { coordination = 0.8 }
        [[power]]
        name = "pool"
        role = "region"
        pressure = { cost = inf }
        [[issue]]
        name = "trade"
        interest = { pool = 1.0 }
        acceptance = { pool = 0.95 }
        [[issue]]
        name = "loan"
        interest = { pool = 1.0 }
        acceptance = { pool = 0.95 }
        [[issue]]
        name = "infrastructure"
        interest = { pool = 1.0 }
        acceptance = { pool = 0.95 }
        """,
    "one_large.csv": "name,size\nBIG,6\n" + "".join(f"S{n},1\n" for n in range(1, 9)),
    "one_large.toml": """
        base = "region.toml"
        [states]
        source = "one_large.csv"
        """,
    "summits.toml": """
        [[issue]]
        name = "membership"
        instrument = "membership"
        kind = "compatible"
        interest = { hegemon = 0.5, rising = 0.5 }
        stake = { hegemon = 0.2, rising = 0.1 }
        acceptance = { hegemon = 0.8, rising = 0.95 }
        """,
    "fighters.toml": """
        [[issue]]
        name = "arms"
        instrument = "arms"
        kind = "divisible"
        interest = { hegemon = 1.0, rising = 1.0 }
        stake = { hegemon = 0.4, rising = 0.2 }
        acceptance = { hegemon = 0.7, rising = 0.95 }
        """,
    "absent.toml": """
        base = "three_powers"
        [[change]]
        path = "power.hegemon.openness"
        year = 6
        value = 0.2
        [[change]]
        path = "power.hegemon.openness"
        year = 12
        value = 1.0
        """,
}


@dataclass(frozen=True)
class Part:
    """What one replicate says about one part of a row."""

    what: str
    value: float
    scale: float = 1.0  #: mean terms or price in which the part is measured; 1 for a rate
    expect: Literal["more", "none", "no less"] = "more"
    counts: bool = True  #: whether the row's verdict depends on it (not on conjectures and remarks)


@dataclass(frozen=True)
class Finding:
    """A part over the replicates."""

    what: str
    estimate: float
    low: float
    high: float
    delta: float
    verdict: str
    counts: bool


Row = Callable[[int], list[Part]]
ROWS: dict[str, tuple[str, Row]] = {}


def row(vary: str) -> Callable[[Row], Row]:
    """Register a row under its function's name, with what it varies."""

    def register(function: Row) -> Row:
        ROWS[function.__name__] = (vary, function)
        return function

    return register


# -- worlds and what is measured in them -------------------------------------------------------------------


@cache
def folder() -> tempfile.TemporaryDirectory[str]:
    place = tempfile.TemporaryDirectory(prefix="try_facts")
    for name, text in FILES.items():
        Path(place.name, name).write_text(text, encoding="utf-8")
    return place


@cache
def scenario(base: str, settings: str) -> Scenario:
    source = Path(folder().name, base) if base in FILES else base
    return Scenario.load(source).replace(json.loads(settings))


def run(r: int, settings: Settings, base: str = "bipolar", play: Any = None) -> AnaModel:
    """Run one world to its end under the luck of replicate ``r``."""
    return started(r, settings, base, play).run()


def started(r: int, settings: Settings, base: str = "bipolar", play: Any = None) -> AnaModel:
    values = {**SMALL, **settings}
    if base.startswith(("one_large", "latin_america")):
        del values["states.count"]
    world = scenario(base, json.dumps(values))
    return AnaModel(world, rng=SEED, replicate=r, play=play, by_state=True, collect=False, record=True)


def only(*issues: str) -> dict[str, object]:
    """Let projects be on some of the five issues only, equally often."""
    return {f"issue.{name}.arrival": 1.0 if name in issues else 0.0 for name in ISSUES}


def mean(model: AnaModel, column: str, places: Iterable[int] | None = None) -> float:
    """Mean of a column of ``payoffs`` over states (all of them, or those at some places)."""
    values = model.tally.rows(model.counters)[column]
    return float(np.mean(values if places is None else values[list(places)]))


def panel(r: int, model: AnaModel) -> list[int]:
    """A quarter of the states, in turn over replicates: those who change their strategy."""
    return [i for i in range(len(model.state_list)) if (i + r) % 4 == 0]


def changed(r: int, strategy: str, settings: Settings, base: str = "bipolar") -> AnaModel:
    """Run a world in which a panel changes its strategy, while the others keep the mix."""
    names = started(r, settings, base)
    play = {names.population.names[i]: strategy for i in panel(r, names)}
    return run(r, settings, base, play)


def lead(r: int, own: str, other: str, settings: Settings, *columns: str) -> tuple[float, float]:
    """Lead of one strategy over another for the panel, summed over columns, and the panel's mean terms."""
    worlds = [changed(r, strategy, settings) for strategy in (own, other)]
    who = panel(r, worlds[0])
    first, second = (sum(mean(world, name, who) for name in columns or ("payoff",)) for world in worlds)
    return first - second, mean(worlds[0], "terms", who)


def states(model: AnaModel) -> pd.DataFrame:
    assert model.record is not None
    return model.record.states()


def deals(model: AnaModel) -> pd.DataFrame:
    assert model.record is not None
    return model.record.deals()


def events(model: AnaModel, kind: str, **where: str) -> pd.DataFrame:
    """Events of a kind; ``power="rising"`` and the like narrow them down."""
    assert model.record is not None
    table = model.record.events()
    table = table[table["kind"] == kind]
    for column, value in where.items():
        table = table[table[column] == value]
    return table


def state_years(table: pd.DataFrame) -> list[tuple[int, str]]:
    return list(zip(table["year"], table["state"], strict=True))


def ratio(above: float, below: float) -> float:
    return above / below if below else float("nan")


def price(model: AnaModel, power: str) -> float:
    """Mean price of a power's deals."""
    table = deals(model)
    return float(table.loc[table["power"] == power, "price"].mean())


def holding(model: AnaModel, issue: str, power: str) -> float:
    """Share of the states that have a deal in force with a power at the end."""
    k, g = model.tally.issues.index(issue), model.power_names.index(power)
    return float((model.held[:, k, g] > 0.0).mean())


def holding_both(model: AnaModel, issue: str) -> float:
    """Share of the states that have deals in force with both rivals at the end."""
    k = model.tally.issues.index(issue)
    return float((model.held[:, k, :2] > 0.0).all(axis=1).mean())


def complied(model: AnaModel, years: set[tuple[int, str]] | None = None, inside: bool = True) -> float:
    """Share of the hegemon's demands that are met (in some state-years, or outside them)."""
    met, resisted = (events(model, kind, power="hegemon") for kind in ("complied", "resisted"))

    def number(table: pd.DataFrame) -> int:
        return sum(years is None or (pair in years) == inside for pair in state_years(table))

    return ratio(number(met), number(met) + number(resisted))


def office(model: AnaModel) -> float:
    """Share of the years in which the hegemon has the office."""
    return float(np.mean([row["office"] for row in model.power_rows if row["power"] == "hegemon"]))


# -- A. the cases ------------------------------------------------------------------------------------------


@row("need .5 2 x H's interest in loans 1 .5; expiry of R's loan or not; ana, ideology .27")
def argentina_swap(r: int) -> list[Part]:
    def soft(settings: Settings) -> tuple[float, float, float]:
        """R's share of the loans of hostile governments: its loan falls due, not so, per other loan."""
        model = run(r, {"states.ideology.sigma": 0.27, "years": 25, **settings}, play="ana")
        falls_due = set(state_years(events(model, "expired", power="rising", issue="loan")))
        table = states(model)
        table = table[table["affinity_rising"] < 0.0]
        near = np.array([pair in falls_due for pair in state_years(table)], dtype=bool)
        share = table["share_rising"].where(table["issue"] == "loan", 0.0)
        loans = table["share_rising"][~near & (table["issue"] == "loan")]
        return float(share[near].mean()), float(share[~near].mean()), float(loans.mean())

    near, away, loans = soft({})
    return [
        Part("near expiry - away", near - away),
        Part("near: need 2 - .5", soft({"states.need.mean": 2.0})[0] - soft({"states.need.mean": 0.5})[0]),
        Part("near: H's interest .5 - 1", soft({"issue.loan.interest.hegemon": 0.5})[0] - near),
        Part("(remark) near - other loans", near - loans, counts=False),
    ]


@row("need .5 2 at ideology .27: R2 of q_H - q_R on the government's lean; sides swapped")
def structure_over_ideology(r: int) -> list[Part]:
    mirror = {"power.hegemon.side": -1.0, "power.rising.side": 1.0}

    def explained(need: float) -> float:
        table = states(run(r, {"states.ideology.sigma": 0.27, "states.need.mean": need}, play="ana"))
        table = table[table["issue"].isin(["loan", "infrastructure", "network"])]
        return float(np.corrcoef(table["lean"], table["share_hegemon"] - table["share_rising"])[0, 1] ** 2)

    parts = [Part("R2 at need .5 - at 2", explained(0.5) - explained(2.0))]
    for own, other in (("ana", "align_hegemon"), ("ana", "align_rising"), ("play_field", "hedge")):
        worlds = [[run(r, sides, play=word) for word in (own, other)] for sides in ({}, mirror)]
        gain = [mean(first, "payoff") - mean(second, "payoff") for first, second in worlds]
        terms = mean(worlds[0][0], "terms")
        parts.append(Part(f"{own} - {other}, mirrored", gain[0] - gain[1], terms, "none"))
    return parts


@row("order x severity .15 1.35 (H), stake of H in trade .8; one year, 60 states, search first")
def ecuador_fta(r: int) -> list[Part]:
    def asked(order: str, severity: float) -> AnaModel:
        dials = {"asks": "all", "order": f"{order}_first", "search": "first"}
        own: dict[str, object] = {"issue.trade.stake.hegemon": 0.8, "states.count": 60, "years": 1}
        own |= {"power.hegemon.pressure.severity": severity, "strategies.custom.asker": dials}
        return run(r, {**only("trade"), **own}, play="asker")

    def pressed(model: AnaModel) -> float:
        given_up = len(events(model, "cancelled", power="rising", detail="given up"))
        signed = len(events(model, "accepted", power="rising"))
        return ratio(len(events(model, "pressed", power="hegemon")), signed + given_up)

    low, high = ({order: asked(order, tau) for order in ("hegemon", "rising")} for tau in (0.15, 1.35))
    gain = [mean(pair["hegemon"], "payoff") - mean(pair["rising"], "payoff") for pair in (low, high)]
    return [
        Part("H first - R first, by severity", gain[1] - gain[0], mean(high["rising"], "terms")),
        Part("pressed per R deal: R first - H first", pressed(high["rising"]) - pressed(high["hegemon"])),
    ]


@row("H's stake in networks .1 .5 .9; ana and field, exposures held equal")
def brazil_5g(r: int) -> list[Part]:
    still = {"world.exposure_gain": 0.0, "world.exposure_loss": 0.0, "states.count": 16}

    def networks(stake: float, play: str) -> pd.DataFrame:
        table = states(run(r, {**still, "issue.network.stake.hegemon": stake}, play=play))
        return table[table["issue"] == "network"]

    ana = [networks(stake, "ana") for stake in (0.1, 0.5, 0.9)]
    share = [float(table["share_rising"].mean()) for table in ana]
    split = ana[1]["share_rising"].between(0.0, 1.0, inclusive="neither")
    field = networks(0.5, "play_field")
    return [
        Part("R's share: stake .1 - .5", share[0] - share[1]),
        Part("R's share: stake .5 - .9", share[1] - share[2]),
        Part("interior splits at .5", float(split.mean())),
        Part("pressed at .5: field - ana", float(field["pressed"].mean() - ana[1]["pressed"].mean())),
    ]


@row("stake of H in trade .1 .9 (R's .1); turnover .1 .4; ana")
def chile_both(r: int) -> list[Part]:
    def at(stake: float, turnover: float) -> AnaModel:
        own = {"issue.trade.stake.hegemon": stake, "world.turnover": turnover}
        return run(r, {**only("trade"), **own}, play="ana")

    calm, restless, minded = at(0.1, 0.1), at(0.1, 0.4), at(0.9, 0.4)
    survives = holding_both(restless, "trade") - holding_both(calm, "trade")
    return [
        Part("both held at stake .1, above 1/2", holding_both(restless, "trade") - 0.5),
        Part("pressed at stake .1", mean(restless, "pressed"), expect="none"),
        Part("both held: turnover .4 - .1", survives, expect="none"),
        Part("pressed: stake .9 - .1", mean(minded, "pressed") - mean(restless, "pressed")),
    ]


@row("membership compatible or exclusive; stakes .2 .1; ana")
def both_summits(r: int) -> list[Part]:
    def at(kind: str) -> AnaModel:
        return run(r, {**only(), "issue.membership.kind": kind}, "summits.toml", "ana")

    free, bound = at("compatible"), at("exclusive")
    both = [holding_both(model, "membership") for model in (free, bound)]
    return [
        Part("both joined: compatible - exclusive", both[0] - both[1]),
        Part("pressed where both are joined", mean(free, "pressed"), expect="none"),
    ]


@row("exposure to H .2 .8; turnover years or others; infrastructure and networks, ana")
def panama_bridge(r: int) -> list[Part]:
    def at(exposure: float) -> tuple[AnaModel, set[tuple[int, str]]]:
        own = {**only("infrastructure", "network"), "states.exposure.hegemon": exposure}
        model = run(r, own, play="ana")
        return model, set(state_years(events(model, "turnover")))

    (low, _), (high, new) = at(0.2), at(0.8)
    standing = set(state_years(events(high, "pressed", detail="standing deal")))
    before = complied(high, new, inside=False)
    return [
        Part("H's demands met: exposure .8 - .2", complied(high) - complied(low)),
        Part("H's demands met: new government - old", complied(high, new) - before),
        Part("(remark) the same on new deals", complied(high, new - standing) - before, counts=False),
    ]


@row("H's stake x exposure .2/.2 .8/.8; H's interest in cables 1 0; ana")
def valparaiso_cable(r: int) -> list[Part]:
    def cancelled(stake: float, exposure: float, interest: float) -> float:
        """Share of R's cables that are given up for H."""
        own = {"issue.network.stake.hegemon": stake, "issue.network.interest.hegemon": interest}
        model = run(r, {**own, "states.exposure.hegemon": exposure, "states.count": 16}, play="ana")
        cable = {"power": "rising", "issue": "network"}
        gone = len(events(model, "cancelled", detail="given up", **cable))
        return ratio(gone, gone + len(events(model, "accepted", detail="", **cable)))

    high = cancelled(0.8, 0.8, 1.0)
    return [
        Part("cancelled: high - low", high - cancelled(0.2, 0.2, 1.0)),
        Part("cancelled at high: substitute - none", high - cancelled(0.8, 0.8, 0.0)),
    ]


@row("R's interest in networks .5 1; need .5 2; one year, 200 states, ana")
def dfc_exclusion(r: int) -> list[Part]:
    def at(settings: Settings) -> tuple[float, float]:
        """Mean price of a clause, and clauses per network project."""
        model = run(r, {"states.count": 200, "years": 1, **settings}, play="ana")
        struck = events(model, "excluded", power="hegemon", issue="network")["offer"]
        return float(struck.mean()), len(struck) / int((states(model)["issue"] == "network").sum())

    (poor, _), (rich, _) = (at({"issue.network.interest.rising": v}) for v in (0.5, 1.0))
    (calm, few), (needy, many) = (at({"states.need.mean": n}) for n in (0.5, 2.0))
    return [
        Part("price: R's interest 1 - .5", rich - poor, rich),
        Part("price: need .5 - 2", calm - needy, calm),
        Part("struck: need 2 - .5", many - few),
    ]


@row("budgets .5 (H) and 1 (R) at capabilities 1 and .5, then .5 and 1; shop")
def gao_finance(r: int) -> list[Part]:
    def shares(h: float, g: float) -> tuple[float, float]:
        own = {"power.hegemon.capability": h, "power.hegemon.generosity": 0.5 / h}
        own |= {"power.rising.capability": g, "power.rising.generosity": 1.0 / g}
        model = run(r, own, play="shop")
        return mean(model, "share_hegemon"), mean(model, "share_rising")

    (h, g), (_, swapped) = shares(1.0, 0.5), shares(0.5, 1.0)
    return [
        Part("R's share - H's", g - h),
        Part("R's share: capabilities swapped", swapped - g, expect="none"),
    ]


@row("captured members 0 4 8 12 of 12, quorum .5, coordination .6, no vote worth its price; hedge")
def idb_presidency(r: int) -> list[Part]:
    bloc = {"world.bloc.coordination": 0.6, "world.bloc.office_value": 1.0, "world.bloc.vote_price": 2.0}
    worlds = [run(r, {**bloc, "world.bloc.captured": n / 12}, play="hedge") for n in (0, 4, 8, 12)]
    kept = [1.0 - office(model) for model in worlds]
    step = (kept[1] - kept[2]) - (kept[0] - kept[1]) - (kept[2] - kept[3])
    terms = [mean(model, "offer_value") for model in worlds]
    return [
        Part("office kept: fall at the quorum - elsewhere", step),
        Part("terms: 4 captured - 8", terms[1] - terms[2], terms[1]),
    ]


@row("the large member (6 of 14 in size) in the bloc or out; regional pool, play_field")
def bloc_exit(r: int) -> list[Part]:
    def at(members: object) -> float:
        model = run(r, {"world.bloc.members": members}, "one_large.toml", "play_field")
        return mean(model, "offer_value", range(1, 9))

    stays = at("all")
    return [Part("the others' terms: in - out", stays - at([f"S{n}" for n in range(1, 9)]), stays)]


@row("floor r 0 .4 on loans and infrastructure; default mix")
def pool_bank(r: int) -> list[Part]:
    def paid(floor: float) -> dict[str, float]:
        """Mean price by power of the projects that are placed in full with the powers."""
        table = deals(run(r, {**only("loan", "infrastructure"), "world.outside_floor": floor}))
        placed = table.groupby(["year", "state"])["share"].transform("sum") > 0.999
        means = table[placed].groupby("power")["price"].mean()
        return {str(power): float(value) for power, value in means.items()}

    without, with_pool = paid(0.0), paid(0.4)
    return [Part(f"price paid by {g}", with_pool[g] - without[g], without[g]) for g in ("hegemon", "rising")]


@row("coordination 0 .8 x R's openness 0 .92; hedge")
def nieo_1981(r: int) -> list[Part]:
    def terms(coordination: float, openness: float) -> float:
        own = {"world.bloc.coordination": coordination, "power.rising.openness": openness}
        return mean(run(r, own, play="hedge"), "offer_value")

    alone, plain = terms(0.8, 0.0) - terms(0.0, 0.0), terms(0.0, 0.92)
    return [
        Part("coordination alone", alone, plain, "none"),
        Part("with alternatives - alone", terms(0.8, 0.92) - plain - alone, plain),
    ]


@row("ana against alignment for the three smallest of 12 states")
def small_states_too(r: int) -> list[Part]:
    start = started(r, {})
    small = [int(i) for i in np.argsort(start.population.size)[:3]]
    names = [start.population.names[i] for i in small]
    played = {word: run(r, {}, play=dict.fromkeys(names, word)) for word in ("ana", *ALIGNED)}
    best, terms = mean(played["ana"], "payoff", small), mean(played["ana"], "terms", small)
    return [Part(f"ana - {word}", best - mean(played[word], "payoff", small), terms) for word in ALIGNED]


@row("diplomatic capacity .15 .9: ana - align_hegemon")
def skill(r: int) -> list[Part]:
    (low, terms), (high, _) = (
        lead(r, "ana", "align_hegemon", {"states.diplomatic_capacity": kappa}) for kappa in (0.15, 0.9)
    )
    return [Part("premium: .9 - .15", high - low, terms), Part("loss at .15", -low, terms)]


@row("arms issue, powers alike in budget and interest: field against alignment with H")
def jf17_f16(r: int) -> list[Part]:
    field, aligned = (changed(r, word, only(), "fighters.toml") for word in ("play_field", "align_hegemon"))
    who = panel(r, field)
    free, bound = mean(field, "offer_value", who), mean(aligned, "offer_value", who)
    return [Part("terms: field - aligned", free - bound, free)]


@row("insults 0 5; regional pool, default mix")
def insults(r: int) -> list[Part]:
    calm, loud = (run(r, {"world.insults": rate}, "region.toml") for rate in (0.0, 5.0))
    return [
        Part("regional share lost", mean(calm, "share_pool") - mean(loud, "share_pool")),
        Part("payoff lost", mean(calm, "payoff") - mean(loud, "payoff"), mean(calm, "terms")),
    ]


@row("insults 0 5; regional pool, default mix")
def winner_from_quarrels(r: int) -> list[Part]:
    calm, loud = (run(r, {"world.insults": rate}, "region.toml") for rate in (0.0, 5.0))
    return [Part("R's share", mean(loud, "share_rising") - mean(calm, "share_rising"))]


@row("chi_R .9 and chi_H .1 against .5 and .5, x turnover .1 .4, x ideology .03 .27; insults 5")
def envoys_not_presidents(r: int) -> list[Part]:
    def gain(turnover: float, ideology: float) -> float:
        """R's lead in shares that its better channel makes."""
        own = {"world.insults": 5.0, "world.turnover": turnover, "states.ideology.sigma": ideology}
        ahead = []
        for rising, hegemon in ((0.9, 0.1), (0.5, 0.5)):
            model = run(r, {**own, "power.rising.channel": rising, "power.hegemon.channel": hegemon})
            ahead.append(mean(model, "share_rising") - mean(model, "share_hegemon"))
        return ahead[0] - ahead[1]

    return [
        Part("R's advantage: turnover .4 - .1", gain(0.4, 0.1) - gain(0.1, 0.1)),
        Part("R's advantage: ideology .27 - .03", gain(0.2, 0.27) - gain(0.2, 0.03)),
    ]


@row("H's openness 1, .2 in years 6-11, then 1 for five years; three powers, default mix")
def absent_hegemon(r: int) -> list[Part]:
    there, absent = (run(r, {"years": 17}, base) for base in ("three_powers", "absent.toml"))
    during = [table[table["year"].between(2016, 2021)] for table in (states(there), states(absent))]
    parts = [
        Part(f"{name}'s share", float(during[1][f"share_{name}"].mean() - during[0][f"share_{name}"].mean()))
        for name in ("rising", "third")
    ]
    stock = [model.held[..., 0].sum() / model.held.sum() for model in (there, absent)]
    return [*parts, Part("(c) H's deals in force not back", float(stock[0] - stock[1]), counts=False)]


@row("the region a partner or not, coordination .8; play_field")
def regional_forums(r: int) -> list[Part]:
    without = run(r, {"world.bloc.coordination": 0.8}, play="play_field")
    partner = run(r, {}, "region.toml", "play_field")
    return [
        Part(f"price paid by {g}", price(partner, g) - price(without, g), price(without, g))
        for g in ("hegemon", "rising")
    ]


@row("Beijing's generosity .5 2 in latin_america_2000; shop")
def recognition(r: int) -> list[Part]:
    def at(generosity: float) -> tuple[pd.DataFrame, float]:
        own = {"power.china.generosity": generosity, "years": 30}
        model = run(r, own, "latin_america_2000", "shop")
        flips = events(model, "switched", power="china")[["year", "state"]]
        table = deals(model)
        signed = table[(table["issue"] == "recognition") & (table["power"] == "china")]
        return flips.merge(signed, on=["year", "state"]), holding(model, "recognition", "china")

    (_, poor), (flips, rich) = at(0.5), at(2.0)
    third = max(1, len(flips) // 3)
    early, late = float(flips["price"][:third].mean()), float(flips["price"][-third:].mean())
    spread = float(np.std([int(year) for year in flips["year"]], ddof=1)) if len(flips) > 2 else np.nan
    return [
        Part("states with Beijing: 2 - .5", rich - poor),
        Part("flips cluster: 1 - sd of years / uniform", 1.0 - spread / (30 / np.sqrt(12.0))),
        Part("price: last third - first third of flips", late - early, early),
    ]


# -- B. the system -----------------------------------------------------------------------------------------


@row("capabilities 1.7 and .3 against 1 and 1 (same total); play_field")
def competition_accommodates(r: int) -> list[Part]:
    def terms(h: float, g: float) -> float:
        own = {"power.hegemon.capability": h, "power.rising.capability": g}
        return mean(run(r, own, play="play_field"), "offer_value")

    even = terms(1.0, 1.0)
    return [
        Part("terms: even - uneven", even - terms(1.7, 0.3), even),
        Part("(remark) R grows .3 to 1 beside H at 1", even - terms(1.0, 0.3), even, counts=False),
    ]


@row("no rival, a closed one (openness .1), an open one; play_field")
def cold_war_closed_rival(r: int) -> list[Part]:
    alone, closed, opened = (
        mean(run(r, {}, base, "play_field"), "offer_value") for base in ("unipolar", "cold_war", "bipolar")
    )
    return [
        Part("terms: closed - unipolar", closed - alone, opened, "no less"),
        Part("terms: open - closed", opened - closed, opened),
    ]


@row("R's growth 0 .08 (ceiling 3), inward turn of H .5; default mix")
def hegemon_turns_inward(r: int) -> list[Part]:
    def at(growth: float) -> tuple[float, float, float]:
        own = {"power.rising.growth": growth, "power.rising.ceiling": 3.0, "power.hegemon.inward_turn": 0.5}
        model = run(r, own)
        table = pd.DataFrame([p for p in model.power_rows if p["power"] == "hegemon"])
        asked, refused = (len(events(model, kind, power="hegemon")) for kind in ("asked", "refused"))
        return (
            float(table["public_goods"].mean()),
            ratio(asked - refused, asked),
            ratio(float(table["pressings"].sum()), float(table["spent"].sum())),
        )

    steady, falling = at(0.0), at(0.08)
    return [
        Part("H's public goods", steady[0] - falling[0], steady[0]),
        Part("H's acceptances", steady[1] - falling[1]),
        Part("H's pressings per unit spent", falling[2] - steady[2], steady[2]),
    ]


@row("ana against forced equal shares")
def not_equidistance(r: int) -> list[Part]:
    gain, terms = lead(r, "ana", "equidistant", {})
    model = changed(r, "ana", {})
    return [
        Part("ana - equidistant", gain, terms),
        Part("spread over issues", mean(model, "issue_spread", panel(r, model))),
    ]


@row("ana against abstaining, severity of H .6 (and 1.35)")
def not_neutrality(r: int) -> list[Part]:
    (default, terms), (severe, _) = (
        lead(r, "ana", "abstain", {"power.hegemon.pressure.severity": tau}) for tau in (0.6, 1.35)
    )
    return [
        Part("ana - abstain at .6", default, terms),
        Part("(remark) ana - abstain at 1.35", severe, terms, counts=False),
    ]


@row("reliability of both .97 .73; correlation 1 with abandonment 0: ana - play_field, net of risk")
def uncertainty_hedging(r: int) -> list[Part]:
    def gain(reliability: float, settings: Settings) -> tuple[float, float]:
        own = {"power.hegemon.reliability": reliability, "power.rising.reliability": reliability}
        own |= {"power.hegemon.belief_initial": reliability, "power.rising.belief_initial": reliability}
        return lead(r, "ana", "play_field", {**own, **settings}, "payoff", "risk")

    (sure, terms), (risky, _) = gain(0.97, {}), gain(0.73, {})
    together, _ = gain(0.73, {"world.abandonment": 0.0, "world.delivery_correlation": 1.0})
    return [
        Part("gain of splitting: .73 - .97", risky - sure, terms),
        Part("gain at correlation 1, abandonment 0", together, terms, "none"),
    ]


@row("needs .5 and 1.5 on issues with stakes .1 and .7, or the reverse; ana")
def different_stakes(r: int) -> list[Part]:
    alike = only("infrastructure", "network")
    for issue, stake in (("infrastructure", 0.1), ("network", 0.7)):
        for g in ("hegemon", "rising"):
            alike |= {f"issue.{issue}.stake.{g}": stake, f"issue.{issue}.acceptance.{g}": 0.9}
    apart, same = (
        run(r, {**alike, "issue.infrastructure.need": low, "issue.network.need": high}, play="ana")
        for low, high in ((1.5, 0.5), (0.5, 1.5))
    )
    gain = mean(apart, "payoff") - mean(same, "payoff")
    return [Part("payoff: apart - coinciding", gain, mean(apart, "terms"))]


@row("learning .5 (strength 20) while R grows from .3; complete network or ring; 20 states, 40 years")
def diffusion(r: int) -> list[Part]:
    def path(network: str) -> list[float]:
        own: dict[str, object] = {"states.count": 20, "years": 40}
        own |= {"power.rising.capability": 0.3, "power.rising.growth": 0.12, "power.rising.ceiling": 1.5}
        own |= {"world.learning.rate": 0.5, "world.learning.strength": 20.0}
        own |= {"strategies.mix": {"align_hegemon": 0.85, "hedge": 0.05, "play_field": 0.05, "ana": 0.05}}
        model = started(r, {**own, "world.network": network})
        free = [n for n, strategy in enumerate(model.strategies) if not strategy.dials.declares]
        share = []
        for _ in range(40):
            share.append(float(np.isin(model.playing, free).mean()))
            model.step()
        return share

    wide, local = path("complete"), path("ring")
    third = [wide[13] - wide[0], wide[26] - wide[13], wide[39] - wide[26]]
    return [
        Part("non-aligned share: last - first", wide[-1] - wide[0]),
        Part("S: growth in the middle third - in the outer ones", third[1] - (third[0] + third[2]) / 2.0),
        Part("mean share: complete - ring", float(np.mean(wide) - np.mean(local))),
    ]


@row("R's entry (interest 0 1): dq_H / dq_R in trade and in recognition; shop")
def complement_not_replace(r: int) -> list[Part]:
    def slope(issue: str) -> float:
        without, entered = (
            run(r, {**only(issue), f"issue.{issue}.interest.rising": v}, play="shop") for v in (0.0, 1.0)
        )
        change = [holding(entered, issue, g) - holding(without, issue, g) for g in ("hegemon", "rising")]
        return ratio(change[0], change[1])

    return [
        Part("elasticity in trade", slope("trade"), expect="none"),
        Part("elasticity in recognition, from -1", slope("recognition") + 1.0, expect="none"),
    ]


@row("belief in R .45 .9 (reliability .9, 10 years); .45 .9 (reliability .45); play_field")
def believed_multipolarity(r: int) -> list[Part]:
    def at(belief: float, reliability: float) -> AnaModel:
        own = {"power.rising.belief_initial": belief, "power.rising.reliability": reliability, "years": 10}
        return run(r, own, play="play_field")

    doubted, believed = at(0.45, 0.9), at(0.9, 0.9)
    sober, fooled = at(0.45, 0.45), at(0.9, 0.45)
    gain = mean(believed, "terms") - mean(doubted, "terms")
    loss = mean(sober, "payoff") - mean(fooled, "payoff")
    return [
        Part("terms: believed - doubted", gain, mean(believed, "terms")),
        Part("payoff: sober - overshooting", loss, mean(sober, "terms")),
    ]


@row("H's acceptance .2 (infrastructure) .9 (networks), else alike; three powers, ana")
def russia_niche(r: int) -> list[Part]:
    own = only("infrastructure", "network")
    for issue, chance in (("infrastructure", 0.2), ("network", 0.9)):
        own |= {f"issue.{issue}.acceptance.hegemon": chance, f"issue.{issue}.stake.hegemon": 0.2}
        own |= {f"issue.{issue}.stake.rising": 0.2}
    share = states(run(r, own, "three_powers", "ana")).groupby("issue")["share_third"].mean()
    return [Part("its share where H refuses - where not", float(share["infrastructure"] - share["network"]))]


@row("R and the third power rivals or friends; three powers, play_field")
def marriage_of_convenience(r: int) -> list[Part]:
    def gain(settings: Settings) -> tuple[float, float]:
        apart, one = (
            mean(
                run(r, {**settings, "power.rising.friends": friends}, "three_powers", "play_field"),
                "offer_value",
            )
            for friends in ([], ["third"])
        )
        return apart - one, apart

    lost, terms = gain({})
    equal, higher = gain({"power.third.capability": 1.0, "power.third.openness": 1.0})
    return [
        Part("terms: apart - as one", lost, terms),
        Part("(remark) where the third is R's equal", equal, higher, counts=False),
    ]


@row("ideology .03 .27; coordination .8, 3 of 12 captured, H can buy two votes; hedge")
def ideology_divides(r: int) -> list[Part]:
    bloc = {"world.bloc.coordination": 0.8, "world.bloc.captured": 0.25}
    bloc |= {"world.bloc.office_value": 2.0, "world.bloc.vote_price": 1.0}
    alike, divided = (run(r, {**bloc, "states.ideology.sigma": s}, play="hedge") for s in (0.03, 0.27))
    return [
        Part("coordination at the end: .03 - .27", alike.coordination - divided.coordination),
        Part("office lost: .27 - .03", office(divided) - office(alike)),
    ]


# -- scoring and reporting ---------------------------------------------------------------------------------


def score(parts: Sequence[Part]) -> Finding:
    """Score one part over its replicates; those without the event that it counts are left out."""
    first = parts[0]
    values = np.array([part.value for part in parts])
    delta = 0.05 * float(np.nanmean([part.scale for part in parts]))
    values = values[np.isfinite(values)]
    if values.size < 2:
        nothing = float("nan")
        return Finding(first.what, nothing, nothing, nothing, delta, "undecided", first.counts)
    estimate, error = float(values.mean()), float(values.std(ddof=1) / np.sqrt(values.size))
    half, inner = (error * float(stats.t.ppf(p, values.size - 1)) for p in (0.975, 0.95))
    verdict = "undecided"
    if first.expect == "none":
        if abs(estimate) + inner < delta:
            verdict = "holds"
        elif abs(estimate) - inner > delta:
            verdict = "fails"
    else:
        bound = -delta if first.expect == "no less" else delta
        if estimate - half > bound:
            verdict = "holds"
        elif estimate + half < bound:
            verdict = "fails"
    return Finding(first.what, estimate, estimate - half, estimate + half, delta, verdict, first.counts)


WORST_FIRST = ("fails", "undecided", "holds")


def line(name: str, finding: Finding, verdict: str, vary: str = "") -> str:
    interval = f"[{finding.low:+.3f}, {finding.high:+.3f}]"
    numbers = f"{finding.estimate:+.3f} {interval:>18} {finding.delta:6.3f}  {verdict:<9}"
    return f"{name:<24} {numbers}  {finding.what:<46} {vary}".rstrip()


def report(name: str, replicates: Sequence[list[Part]], parts: bool) -> None:
    vary = ROWS[name][0]
    findings = [score(same) for same in zip(*replicates, strict=True)]
    deciding = min((f for f in findings if f.counts), key=lambda f: WORST_FIRST.index(f.verdict))
    print(line(name, deciding, deciding.verdict, vary), flush=True)
    for finding in findings if parts else ():
        print(line("", finding, finding.verdict if finding.counts else f"({finding.verdict})"), flush=True)


def replicate(name: str, r: int) -> list[Part]:
    """One replicate of a row, in a process of its own."""
    return ROWS[name][1](r)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Try stylised facts on the Mesa engine.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"rows; all by default: {', '.join(ROWS)}")
    parser.add_argument("--replicates", type=int, default=30, help="replicates of each row, at least 2")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--parts", action="store_true", help="show all parts of each row")
    request = parser.parse_args(arguments)
    for name in request.names:
        if name not in ROWS:
            print(f"there is no row {name!r}; the nearest is {nearest(name, ROWS)!r}", file=sys.stderr)
            return 2
    if request.replicates < 2 or request.workers < 1:
        print("--replicates must be at least 2, --workers at least 1", file=sys.stderr)
        return 2
    print(f"{'row':<24} {'estim.':>6} {'95% interval':>18} {'delta':>6}  {'verdict':<9}  {'part':<46} varied")
    with ProcessPoolExecutor(request.workers, multiprocessing.get_context("spawn")) as pool:
        for name in request.names or ROWS:
            try:
                done = list(pool.map(replicate, repeat(name, request.replicates), range(request.replicates)))
            except AnaSimError as error:
                print(f"{name}: {error}", file=sys.stderr)
                return 1
            report(name, done, request.parts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
