"""What a power makes of a state's project: whether it deals at all, its bid, its post, its readiness to bid."""

from __future__ import annotations

from typing import Any

from ana_sim.compiled import compiled_inline
from ana_sim.kernel.layout import COMPATIBLE, EXCLUSIVE, REGION
from ana_sim.rules import bargain, deal, powers, pressure


@compiled_inline
def is_open(year: int, partner: Any, interest: Any, issue: Any, tie: Any) -> bool:
    """Whether a power can deal with a state on an issue now: interested, not shut out, and not already agreed."""
    agreed = (issue.kind != EXCLUSIVE) & (issue.term == 0) & (tie.held > 0.0)
    return not (partner.excluded | (interest.interest <= 0.0) | (tie.locked_until > year) | agreed)


@compiled_inline
def bid(
    player: Any, people: Any, person: Any, issue: Any, contested: float, interest: float, response: float, xi: float
) -> float:
    """V_igk before the budget's scale; on an exclusive issue, relative to the states that the power does not hold."""
    weight = person.weight
    if issue.kind == EXCLUSIVE:
        weight = powers.bid_weight(
            person.pull, person.y, people.all_size, contested if contested > 0.0 else person.pull
        )
    return powers.valuation(player.bidding_share, player.budget, weight, interest, response, xi)


@compiled_inline
def posted(valuation: float, posted_share: float, pool: float, demand: float, free: bool) -> float:
    """What a power offers unasked for more; a free member of the bloc can count on the common demand."""
    return bargain.posted_price(valuation, posted_share, pool, demand if free else 0.0)


@compiled_inline
def chance(acceptance: float, player: Any, power: Any, hostility: float, quarrel: float) -> float:
    """Probability that a power accepts to bid; the pool minds how far a state quarrels with its neighbours."""
    return powers.acceptance(
        acceptance, player.engagement, power.channel, quarrel if power.role == REGION else hostility
    )


@compiled_inline
def justification(year: int, tie: Any) -> float:
    """J_igk: how well g can object on the issue; not at all for some years after it has refused."""
    return 0.0 if tie.objects_until > year else tie.stake


@compiled_inline
def would_press(year: int, player: Any, rule: Any, tie: Any, hurt: float, luck: float) -> bool:
    """Whether a power presses a state over its rivals' shares on an issue."""
    return pressure.presses(
        player.success,
        tie.stake * hurt,
        rule.pressure_cost,
        rule.pressure_noise,
        luck,
        deal.reproach(rule.pressure_legitimacy_weight, justification(year, tie)),
        deal.weariness(rule.pressure_fatigue, player.pressed_last_year),
    )


@compiled_inline
def sting(linkage: bool, rule: Any, regard: Any, tie: Any) -> float:
    """Expected cost of resisting a power: exposure over all issues under linkage, else the issue's own."""
    return pressure.sting(rule.pressure_execution, rule.pressure_severity, regard.exposure if linkage else tie.tie)


@compiled_inline
def adds(issue: Any) -> bool:
    """Whether a new deal adds to those in force."""
    return issue.kind == COMPATIBLE
