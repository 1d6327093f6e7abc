"""What the number, the openness and the friendship of powers do to those who deal with them."""

from __future__ import annotations

from ana_sim.facts.fact import Ablation, Part, fact
from ana_sim.facts.lab import Lab, holding, mean, only, over, ratio, repriced, typical
from ana_sim.facts.offers import MANY_AT_FIRST, paid
from ana_sim.panel import Floats, Panel

RENEWED: dict[str, object] = {
    **only("loan", "infrastructure", "network"),
    "issue.infrastructure.term": 5,
    "issue.network.term": 5,
}
"""The issues on which powers outbid each other, with deals of five years on all, so that both bid for every project."""


@fact(
    "B",
    "e",
    "Rivalry between powers makes them accommodate the weak",
    source="H",
    vary="symmetry of bidders",
    expect="terms up",
    falsified="no slope",
    reading="what a power pays is set by the next one's bid: the nearer its rival comes, the more it pays the weak",
    ablation=Ablation("nobody lets the powers outbid each other", play={"play_field": "shop"}),
)
def competition_accommodates(lab: Lab) -> list[Part]:
    """What a power pays where it signs in both worlds, as its rival is its equal (1) or not (.42, R's 10th percentile).

    Terms are those of one power, whose own budget is the same in both worlds. The first pilot held the sum of both
    instead (the remark), which compares a rich power's posted half with two poorer ones' bids. States that play the
    field: who never lets powers bid is accommodated by nobody.
    """

    def deals(hegemon: float, rising: float) -> Panel:
        own = {"power.hegemon.capability": hegemon, "power.rising.capability": rising}
        return lab.run({**RENEWED, **own}, play="play_field")

    even, lone, led, uneven = deals(1.0, 1.0), deals(1.0, 0.42), deals(0.42, 1.0), deals(1.58, 0.42)
    total = mean(even, "offer_value") - mean(uneven, "offer_value")
    return [
        Part("what H pays: R its equal - not", repriced(lone, even, "hegemon"), paid(even, "hegemon")),
        Part("what R pays: H its equal - not", repriced(led, even, "rising"), paid(even, "rising")),
        Part("(remark) terms at 1, 1 - at 1.58, .42", total, typical(even, "offer_value"), counts=False),
    ]


@fact(
    "B",
    "e",
    "A rival whose economy was closed gave little leverage in the Cold War",
    source="H",
    vary="R's openness",
    expect="unipolar <= closed < open",
    falsified="order reversed",
    reading="a rival helps those who deal with the hegemon by what it can offer, not by being its rival",
    ablation=Ablation("all are the hegemon's allies, and ask nobody else", play={"play_field": "align_hegemon"}),
)
def cold_war_closed_rival(lab: Lab) -> list[Part]:
    """The worlds without a rival, with a closed one (openness .1) and an open one; states that play the field.

    Terms are what is struck for a project.
    """
    alone, closed, opened = (
        mean(lab.run(RENEWED, base, "play_field"), "offer_value") for base in ("unipolar", "cold_war", "bipolar")
    )
    scale = float(opened.mean())
    return [
        Part("terms: closed - unipolar", closed - alone, scale, "no less"),
        Part("terms: open - closed", opened - closed, scale),
    ]


@fact(
    "B",
    "e",
    "New partners extend a region's ties, and do not displace the old",
    source="S",
    vary="R's entry, by kind",
    expect="elasticity of q_H to q_R near 0 compatible, near -1 exclusive",
    falsified="-1 everywhere",
    reading="a newcomer displaces where a state can have but one, and adds where it can have both",
    ablation=Ablation("deals exclude each other nowhere", {"issue.recognition.kind": "compatible"}),
)
def complement_not_replace(lab: Lab) -> list[Part]:
    """R's interest 1 against 0 in trade (compatible) and in recognition (exclusive); states that ask all, no more.

    The elasticity is the change of the share of states that hold a deal with H over that of R, at the end of three
    years: later most hold whatever can be had. Divisible loans are a remark.
    """

    def elasticity(issue: str) -> Floats:
        without, entered = (
            lab.run({**only(issue), **MANY_AT_FIRST, f"issue.{issue}.interest.rising": interest}, play="shop")
            for interest in (0.0, 1.0)
        )
        hegemon, rising = (holding(entered, issue, g) - holding(without, issue, g) for g in ("hegemon", "rising"))
        return ratio(hegemon, rising)

    return [
        Part("elasticity in trade", elasticity("trade"), expect="none"),
        Part("elasticity in recognition, from -1", elasticity("recognition") + 1.0, expect="none"),
        Part("(remark) elasticity in loans", elasticity("loan"), counts=False),
    ]


@fact(
    "B",
    "e",
    "It is smart to act as if a multipolar world already existed",
    source="S",
    vary="initial belief at fixed budgets",
    expect="terms up; overshoot punished where R cannot deliver",
    falsified="inert",
    reading="who takes a rising power at its word gets more from both, as long as it can keep it",
    ablation=Ablation("nobody asks the rising power", play={"play_field": "align_hegemon"}),
)
def believed_multipolarity(lab: Lab) -> list[Part]:
    """States that play the field for ten years, before all know better, and believe in R or doubt it.

    Where R delivers (.9), belief .9 against half of it: terms struck. Where R cannot deliver at all, the same belief
    against none: payoffs; remarked upon, where it delivers in .45 of the years. Budgets are alike throughout.
    """

    def at(belief: float, reliability: float) -> Panel:
        own = {"power.rising.belief_initial": belief, "power.rising.reliability": reliability, "years": 10}
        return lab.run({**RENEWED, **own}, play="play_field")

    believed, doubted = at(0.9, 0.9), at(0.45, 0.9)
    gain = mean(believed, "offer_value") - mean(doubted, "offer_value")

    def punished(what: str, reliability: float, *, counts: bool = True) -> Part:
        sober, fooled = at(reliability, reliability), at(0.9, reliability)
        return Part(what, mean(sober, "payoff") - mean(fooled, "payoff"), typical(sober, "terms"), counts=counts)

    return [
        Part("terms: believed - doubted, R delivers", gain, typical(believed, "offer_value")),
        punished("payoff: sober - overshooting, R cannot", 0.0),
        punished("(remark) the same, R can in .45", 0.45, counts=False),
    ]


@fact(
    "B",
    "e",
    "Russia enters where the hegemon will not supply",
    source="S",
    vary="third power",
    expect="its share concentrated where H's acceptance is low",
    falsified="spread evenly",
    reading="a third power finds its place where the first refuses",
    ablation=Ablation(
        "the hegemon refuses nowhere more than elsewhere", {"issue.infrastructure.acceptance.hegemon": 0.9}
    ),
)
def russia_niche(lab: Lab) -> list[Part]:
    """Three powers, default mix; infrastructure, which H accepts in .2 of cases, and networks, in .9; else alike."""
    own = {**RENEWED, "issue.loan.arrival": 0.0, "issue.infrastructure.arrival": 0.5, "issue.network.arrival": 0.5}
    for issue, chance in (("infrastructure", 0.2), ("network", 0.9)):
        own |= {f"issue.{issue}.acceptance.hegemon": chance}
        own |= {f"issue.{issue}.stake.{power}": 0.2 for power in ("hegemon", "rising")}
    panel = lab.run(own, "three_powers")
    scarce, ample = (over(panel["share", "third"], panel.on(issue)) for issue in ("infrastructure", "network"))
    return [Part("the third's share: where H refuses - where not", scarce - ample)]


@fact(
    "B",
    "e",
    "Moscow and Beijing as a society of mutual aid: a marriage of convenience",
    source="S",
    vary="R and T bid apart or as one",
    expect="terms lower when as one",
    falsified="higher",
    reading="two rivals of the hegemon that stand together are one bidder fewer",
    ablation=Ablation("nobody lets the powers outbid each other", play={"play_field": "shop"}),
)
def marriage_of_convenience(lab: Lab) -> list[Part]:
    """Three powers; R and the third rivals or friends. Terms struck by states that play the field.

    Remarked upon: what R and the third pay where they sign in both worlds, without the deals that H wins in either.
    """
    apart, one = (
        lab.run({**RENEWED, "power.rising.friends": friends}, "three_powers", "play_field")
        for friends in ([], ["third"])
    )
    lost = mean(apart, "offer_value") - mean(one, "offer_value")
    remarks = [
        Part(f"(remark) what {name} pays", repriced(one, apart, power), paid(apart, power), counts=False)
        for name, power in (("R", "rising"), ("the third", "third"))
    ]
    return [Part("terms: apart - as one", lost, typical(apart, "offer_value")), *remarks]
