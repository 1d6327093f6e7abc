"""What powers offer: imitation, budgets, the pool's floor, and what allies forgo."""

from __future__ import annotations

import numpy as np

from ana_sim.facts.fact import Ablation, Part, fact
from ana_sim.facts.lab import Lab, both, mean, only, over, repriced, typical
from ana_sim.panel import Floats, Mask, Panel

MANY_AT_FIRST = {"states.count": 60, "years": 3}
"""Many states for a few years: whom each turns to first, before deals for good send it on to the other power."""


@fact(
    "A",
    "i",
    "Years of criticism, then imitation: the BRI in 2013, the PGII in 2022",
    source="H",
    vary="R's lead, lag, eta",
    expect="none before lag and trigger, then H's bids up; none if R fails",
    falsified="immediate",
    reading="the hegemon answers a lead that lasted, a lag later; without a lead there is nothing to answer",
)
def bri_pgii(lab: Lab) -> list[Part]:
    """Infrastructure with deals of five years, so that bids never end; states that ask all, and take what is posted.

    Imitation at .9 (its 90th percentile) against none. R leads at a capability of 1.38, and fails at .42 (the 90th and
    10th percentiles). H's bids are its prices where it signs in both worlds; of R's failures, only the runs count in
    which its lead never passes the trigger (36 states, so that few leads are mere luck).
    """
    world: dict[str, object] = {**only("infrastructure"), "issue.infrastructure.term": 5, "states.count": 36}

    def run(capability: float, rate: float, lag: int = 8) -> Panel:
        own = {"power.rising.capability": capability, "world.demonstration.rate": rate, "world.demonstration.lag": lag}
        return lab.run({**world, **own}, play="shop")

    still, eager, sooner = run(1.38, 0.0), run(1.38, 0.9), run(1.38, 0.9, 4)
    failing, hopeful = run(0.42, 0.0), run(0.42, 0.9)
    answered = repriced(failing, hopeful, "hegemon")
    price = paid(still, "hegemon")
    return [
        Part("H's bids up to the lag of 8", repriced(still, eager, "hegemon", years(still, 0, 8)), price, "zero"),
        Part("H's bids after it", repriced(still, eager, "hegemon", years(still, 9, 20)), price),
        Part("H's bids in years 5-8 at a lag of 4", repriced(still, sooner, "hegemon", years(still, 5, 8)), price),
        Part("H's bids where R never leads", np.where(leads(hopeful, 0.2), np.nan, answered), price, "zero"),
    ]


def years(panel: Panel, first: int, last: int) -> Mask:
    """State-years from the first to the last of some years, counted from 0; shape (R, T, N)."""
    year = np.arange(panel.notes.shape[1])[:, None]
    chosen: Mask = np.broadcast_to((year >= first) & (year <= last), panel["share", "hegemon"].shape)
    return chosen


def leads(panel: Panel, trigger: float) -> Mask:
    """Whether R's part of the shares in force in infrastructure is ever ahead of H's by more than a trigger; (R,)."""
    hegemon, rising = (panel["held", power, "infrastructure"].sum(axis=2) for power in ("hegemon", "rising"))
    ever: Mask = np.any(rising - hegemon > trigger * (rising + hegemon), axis=1)
    return ever


@fact(
    "A",
    "e",
    "The smaller economy outspends the larger: $679bn of finance against $76bn, 2013-2021",
    source="H",
    vary="capability vs offerable budget",
    expect="share of projects follows the budget",
    falsified="follows capability",
    reading="states take what is on offer: the budget that a power opens counts, not the size of its economy",
    ablation=Ablation(
        "a power's budget is its capability", {"power.hegemon.generosity": 1.0, "power.rising.generosity": 1.0}
    ),
)
def gao_finance(lab: Lab) -> list[Part]:
    """Loans and infrastructure. Budgets of .5 (H) and 1 (R) or the reverse, at capabilities of 1 and .5 or the reverse.

    Each state's first projects, so that flows are not hidden by deals for good.
    """

    def share(capability: dict[str, float], budget: dict[str, float]) -> dict[str, Floats]:
        own: dict[str, object] = {}
        for power, size in capability.items():
            own |= {f"power.{power}.capability": size, f"power.{power}.generosity": budget[power] / size}
        panel = lab.run({**only("loan", "infrastructure"), **MANY_AT_FIRST, **own})
        return {power: mean(panel, ("share", power)) for power in capability}

    old, new = {"hegemon": 1.0, "rising": 0.5}, {"hegemon": 0.5, "rising": 1.0}
    case = share(old, new)
    return [
        Part("R's share - H's, R smaller and richer", case["rising"] - case["hegemon"]),
        Part("R's share: budgets turned round", case["rising"] - share(old, old)["rising"]),
        Part("R's share: capabilities turned round", share(new, new)["rising"] - case["rising"], expect="none"),
    ]


@fact(
    "A",
    "e",
    "The NDB and the AIIB: no longer only the World Bank, the IMF and the G7",
    source="H",
    vary="floor r",
    expect="terms from H and R up even where the pool is unused",
    falsified="only when used",
    reading="a bank of one's own pays where nothing is borrowed from it: the powers must match it",
    ablation=Ablation(
        "powers post all that a project is worth to them, and hold nothing back", {"world.posted_share": 1}
    ),
)
def pool_bank(lab: Lab) -> list[Part]:
    """Loans and infrastructure; a floor of .5, the price that a power posts whose budget is the unit, against none.

    Prices of projects that are placed in full with the powers under both, each state's first ones, so that neither
    deals for good nor who drops out for the pool moves the mean.
    """
    without, beside = (
        lab.run({**only("loan", "infrastructure"), **MANY_AT_FIRST, "world.outside_floor": floor})
        for floor in (0.0, 0.5)
    )
    unused = (placed(without) > 0.999) & (placed(beside) > 0.999)
    return [
        Part(f"price paid by {name}", repriced(without, beside, power, unused), paid(without, power))
        for name, power in (("H", "hegemon"), ("R", "rising"))
    ]


def placed(panel: Panel) -> Floats:
    """Share of the year's project that is placed with the rivals, shape (R, T, N)."""
    return panel["share", "hegemon"] + panel["share", "rising"]


def paid(panel: Panel, power: str) -> float:
    """Mean price of a power's deals: what changes of its price are measured in."""
    return float(over(panel["price", power], panel["share", power] > 0.0).mean())


@fact(
    "A",
    "e",
    "Argentina drops the talks on JF-17s for F-16s: aligning forgoes offers",
    source="H",
    vary="arms issue, alignment vs field",
    expect="terms of the aligned lower at equal valuations",
    falsified="equal",
    reading="an ally gets what its patron posts; one who lets the rival bid gets more from the same patron",
    ablation=Ablation(
        "nobody lets the powers outbid each other: the field asks around, no more", play={"play_field": "shop"}
    ),
)
def jf17_f16(lab: Lab) -> list[Part]:
    """One year of arms projects, so that none is a second one; the powers alike in budget and interest.

    Without club rents, which would lower bids where there are more allies, a power's valuation of a project is the
    same for an ally and for one who plays the field. Terms per project, and what H pays where it sells to both.
    """
    world = {**only(), **both("power.*.club_share", 0.0), "states.count": 60, "years": 1}
    field, aligned = (lab.changed(play, world, "fighters") for play in ("play_field", "align_hegemon"))
    who = lab.panel(field.size.shape[1])
    terms = [mean(panel, "offer_value", who) for panel in (field, aligned)]
    return [
        Part("terms per project: field - aligned", terms[0] - terms[1], typical(field, "offer_value", who)),
        Part(
            "price that H pays: field - aligned",
            repriced(aligned, field, "hegemon", who[:, None]),
            paid(aligned, "hegemon"),
        ),
    ]


@fact(
    "B",
    "i",
    "Supply security drives the rising power",
    source="S",
    vary="resources",
    expect="R's bids proportional",
    falsified="none",
    reading="a state with four times the resources is offered four times as much for its size",
)
def resources(lab: Lab) -> list[Part]:
    """Six states with resources of .5 and six with 2, then the other way round: R's price in the same state-year.

    R alone bids, in loans, posted; no government changes, so that no budget is set aside. Deals struck in both worlds.
    """
    alone = {**only("loan"), "power.hegemon.openness": 0.0, "world.turnover": 0.0}
    poor, rich = (lab.run({**alone}, world, "shop") for world in ("poor_first", "rich_first"))
    first = np.arange(poor.size.shape[1]) < 6
    struck = (poor["share", "rising"] > 0.0) & (rich["share", "rising"] > 0.0) & first
    prices = [panel["price", "rising"] for panel in (poor, rich)]
    times = np.divide(prices[1], prices[0], out=np.zeros_like(prices[0]), where=struck)
    return [
        Part(
            "R's price at 4 times the resources, over 4 times its price", over(times, struck) / 4.0 - 1.0, expect="zero"
        ),
        Part(
            "R's price: resources 2 - .5",
            over(prices[1] - prices[0], struck),
            float(np.nanmean(over(prices[0], struck))),
        ),
    ]
