"""What states can do together: the office, joint demands, a partner of their own, and what divides them."""

from __future__ import annotations

import numpy as np

from ana_sim.facts.fact import Ablation, Part, fact
from ana_sim.facts.lab import Lab, mean, only, repriced, typical
from ana_sim.facts.offers import MANY_AT_FIRST, paid
from ana_sim.panel import Floats, Panel

UNITED = {"world.bloc.coordination": 0.9}
"""A bloc that coordinates: the 90th percentile of the range, since the default is none."""


def office_lost(panel: Panel) -> Floats:
    """Share of the years in which the hegemon has the bloc's office, shape (R,)."""
    lost: Floats = panel.power("office", "hegemon").mean(axis=1)
    return lost


@fact(
    "A",
    "e",
    "A divided region loses the presidency of its bank for the first time in 60 years",
    source="H",
    vary="captured members",
    expect="P(keeps office) falls in a step at the quorum; terms fall",
    falsified="no effect",
    reading="a region can spare a few members; with the quorum it loses the office and its joint terms at once",
    ablation=Ablation("the bloc needs no quorum", {"world.bloc.quorum": 0.0}),
)
def idb_presidency(lab: Lab) -> list[Part]:
    """0, 4, 8 or 12 of 12 members captured, a quorum of one half; no vote is worth its price, so that none is bought.

    All hedge: nobody declares for a power, which would count as captured too, and posted prices, which the bloc's
    floor lifts, make terms. The step is the fall of the office from 4 to 8 captured, across the quorum, less the two
    falls on either side of it.
    """
    bloc = {**UNITED, "world.bloc.office_value": 1.0, "world.bloc.vote_price": 2.0}
    worlds = [lab.run({**bloc, "world.bloc.captured": n / 12}, play="hedge") for n in (0, 4, 8, 12)]
    kept = [1.0 - office_lost(panel) for panel in worlds]
    terms = [mean(panel, "offer_value") for panel in worlds]
    return [
        Part("office kept: fall at the quorum - elsewhere", 2.0 * (kept[1] - kept[2]) - (kept[0] - kept[3])),
        Part("terms: 4 captured - 8", terms[1] - terms[2], typical(worlds[1], "offer_value")),
    ]


@fact(
    "A",
    "e",
    "Brazil leaves CELAC and returns",
    source="H",
    vary="one large member out, then in",
    expect="the others' terms down, then up",
    falsified="no effect",
    reading="who leaves a bloc takes its weight along: the others' common means shrink, and with them their terms",
    ablation=Ablation("the members do not coordinate", {"world.bloc.coordination": 0.0}),
)
def bloc_exit(lab: Lab) -> list[Part]:
    """Eight states of size 1 and one of 6, all playing the field; the region is a partner.

    Membership holds for a run, so that leaving and returning are one contrast, read either way.
    """
    small = [f"S{n}" for n in range(1, 9)]
    within, without = (
        lab.run({"world.bloc.members": members}, "one_large", "play_field") for members in ("all", small)
    )
    who = np.broadcast_to(np.isin(within.scenario.state_names, small), within.size.shape)
    terms = [mean(panel, "offer_value", who) for panel in (within, without)]
    return [Part("the others' terms: in - out", terms[0] - terms[1], typical(within, "offer_value", who))]


@fact(
    "A",
    "e",
    "Joint demands without alternatives were refused at Cancun in 1981",
    source="H",
    vary="coordination x rival's budget",
    expect="coordination alone ~ 0; interaction up",
    falsified="coordination suffices",
    reading="to ask together for what one power alone can give moves nothing; with a rival it does",
    ablation=Ablation("the rival never opens", {"power.rising.openness": 0.0}),
)
def nieo_1981(lab: Lab) -> list[Part]:
    """Coordination 0 and .9, without a rival's budget and with one of .92 (the 90th percentile); all hedge.

    Nobody declares for a power, so that all members are free, and posted prices, which the bloc's floor lifts, make
    terms. "Without alternatives" is a rival of no budget at all, as the row says; a remark tells what coordination
    alone does beside a weak one, of .28 (the 10th percentile).
    """

    def run(coordination: float, openness: float) -> Panel:
        own = {"world.bloc.coordination": coordination, "power.rising.openness": openness}
        return lab.run(own, play="hedge")

    def gain(openness: float) -> Floats:
        return mean(run(0.9, openness), "offer_value") - mean(run(0.0, openness), "offer_value")

    alone, beside = gain(0.0), gain(0.92)
    scale = typical(run(0.0, 0.92), "offer_value")
    return [
        Part("coordination without alternatives", alone, scale, "none"),
        Part("coordination: with alternatives - without", beside - alone, scale),
        Part("(remark) coordination beside a weak rival", gain(0.28), scale, "none", counts=False),
    ]


@fact(
    "A",
    "e",
    "The Andean Community, CARICOM and Mercosur, without the hegemon",
    source="M",
    vary="region as a partner",
    expect="terms from both powers up",
    falsified="none",
    reading="a region that can do some of its projects itself is one more bidder, and both powers must answer it",
    ablation=Ablation("the members do not coordinate, so that their pool is empty", {"world.bloc.coordination": 0.0}),
)
def regional_forums(lab: Lab) -> list[Part]:
    """The region as a partner in loans and infrastructure or not, its coordination .9 in both worlds.

    Each state's first projects, in the default mix; prices of deals that a power strikes in both worlds. Set anew after
    a pilot: of the five issues, trade is compatible, so that nobody bids against anybody, and the region is no partner
    in networks and recognition; half of the deals could not answer it. (First tried with all in the field, where R's
    price came out undecided; the mix is the rule of all rows that name no strategy.)
    """
    issues = only("loan", "infrastructure")
    without = lab.run({**issues, **UNITED, **MANY_AT_FIRST})
    partner = lab.run({**issues, **MANY_AT_FIRST}, "region")
    return [
        Part(f"price paid by {name}", repriced(without, partner, power), paid(without, power))
        for name, power in (("H", "hegemon"), ("R", "rising"))
    ]


@fact(
    "B",
    "e",
    "Polarisation makes cooperation unlikely",
    source="M",
    vary="ideological spread",
    expect="coordination down, the office lost more often",
    falsified="none",
    reading="governments far apart agree on less, and the votes that they do not cast together are cheap to replace",
    ablation=Ablation("ideology does not touch coordination", {"world.bloc.ideology_slope": 0.0}),
)
def ideology_divides(lab: Lab) -> list[Part]:
    """Ideology of .03 and .27; 3 of 12 members captured, and the hegemon can pay for two votes of the four it lacks.

    All hedge, as where the office is tried: nobody declares for a power.
    """
    bloc = {**UNITED, "world.bloc.captured": 0.25, "world.bloc.office_value": 2.0, "world.bloc.vote_price": 1.0}
    alike, divided = (lab.run({**bloc, "states.ideology.sigma": s}, play="hedge") for s in (0.03, 0.27))
    return [
        Part("coordination: .03 - .27", coordination(alike) - coordination(divided)),
        Part("office lost: .27 - .03", office_lost(divided) - office_lost(alike)),
    ]


def coordination(panel: Panel) -> Floats:
    """Mean coordination over the years, shape (R,): all states are members."""
    bloc = panel.scenario.world.bloc
    cohesion = np.maximum(0.0, 1.0 - bloc.ideology_slope * panel["lean"].std(axis=2))
    return np.asarray(bloc.coordination * cohesion.mean(axis=1))
