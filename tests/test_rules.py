"""The rulebook, equation by equation: values worked out by hand, and what must hold whatever the numbers."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ana_sim.kernel.society import nth_least
from ana_sim.luck import name_hash
from ana_sim.rules import bargain, bloc, deal, powers, pressure, search, ties
from ana_sim.rules.deal import NOBODY, Case
from ana_sim.world import ways_for

PROJECT = {
    **dict.fromkeys(deal.PROJECT.names, 0.0),
    "need": 1.0,
    "gain": 0.1,
    "loss": 0.05,
    "weight": 1.0,
    "caution": 1.0,
    "incumbent": NOBODY,
    "adds": False,
}
POWER = {**dict.fromkeys(deal.POWER.names, 0.0), "belief": 1.0, "success": 0.5, "cost": math.inf, "luck": 0.5}

near = pytest.approx
unit = st.floats(0.0, 1.0)
signed = st.floats(-1.0, 1.0)


def floats(*values):
    return np.array(values, dtype=np.float64)


def marks(*values):
    return np.array(values, dtype=np.bool_)


def case(*each, rivalry=None, contest=None, **project):
    """A case: what is stated, and nothing else that matters; all offer, for nothing."""
    n = len(each)
    rows = np.array([tuple({**POWER, **one}[name] for name in deal.POWER.names) for one in each], dtype=deal.POWER)
    whole = np.array([tuple({**PROJECT, **project}[name] for name in deal.PROJECT.names)], dtype=deal.PROJECT)
    all_rivals = 1.0 - np.eye(n)
    made = Case(
        whole[0],
        rows,
        np.zeros(n, dtype=np.int64),
        all_rivals if rivalry is None else np.array(rivalry, dtype=float),
        all_rivals if contest is None else np.array(contest, dtype=float),
        np.zeros(0),
        np.zeros(0),
    )
    whole["fear"] = deal.fear_as_it_is(made)
    deal.fear_each(made)
    return dealing(made, prices=[0.0] * n)


def dealing(some_case, offered=True, prices=(), **fields):
    """The case once its powers offer or not, quote these prices, and have these entries of their records."""
    some_case.power["offers"] = offered
    for name, entries in fields.items():
        some_case.power[name] = entries
    for power, price in zip(some_case.power, prices, strict=False):
        deal.quote(power, price, some_case.project)
    deal.gather(some_case)
    return some_case


def value(q, b, some_case):
    """U0 of shares q at prices b, if all offer."""
    return deal.deal_value(floats(*q), dealing(some_case, prices=b))


def rows_of(ways, bidders):
    """The options with so many bidders: a column for each, without the spare row."""
    return ways.shares[ways.first[bidders] : ways.first[bidders + 1] - 1, :bidders]


def options_of(kind, splits, bidders):
    """The ways to place a project where all of so many powers bid."""
    return rows_of(ways_for(kind, splits, bidders), bidders)


def roomy(some_case, ways):
    """The case with room for U0 and U of all options."""
    return some_case._replace(value=np.full(len(ways.shares), np.nan), utility=np.full(len(ways.shares), np.nan))


def appraised(some_case, prices, offered=True, kind="divisible", splits=True, winner=NOBODY):
    """Options of a kind with their U0, U and the best U; a column for each power that offers."""
    dealing(some_case, offered, prices)
    ways = ways_for(kind, splits, some_case.power.size)
    table, some = rows_of(ways, some_case.project.bidders), roomy(some_case, ways)
    best = deal.appraise(some, ways, False, winner)
    return table, some.value[: len(table)], some.utility[: len(table)], best


def place(table, *shares):
    return next(o for o, q in enumerate(table) if tuple(q) == shares)


# -- powers --


def test_growth_is_logistic():
    assert powers.grown(1.0, 0.1, math.inf) == near(1.1)
    assert powers.grown(1.0, 0.1, 2.0) == near(1.05)
    assert powers.grown(2.0, 0.1, 2.0) == near(2.0)
    assert powers.grown(1.0, -2.0, math.inf) == 0.0


def test_a_power_turns_inward_with_its_relative_loss_of_share():
    assert powers.retrenchment(1.0, 0.4, 0.5) == near(0.8)
    assert powers.retrenchment(0.5, 0.6, 0.5) == near(1.1)
    assert powers.retrenchment(10.0, 0.3, 0.5) == 0.0
    assert powers.retrenchment(0.0, 0.1, 0.5) == 1.0
    assert powers.retrenchment(1.0, 0.0, 0.0) == 1.0


def test_the_budget_is_openness_generosity_engagement_capability():
    assert powers.budget(0.5, 2.0, 0.8, 1.5) == near(1.2)


def test_the_regions_pool():
    assert powers.pooled_capability(1.0, 0.5, 0.25, 0.8) == near(0.3)
    assert powers.pooled_capability(1.0, 0.0, 0.0, 1.0) == 0.0


def test_pull_and_weight():
    assert powers.attraction(2.0, 4.0, 0.5) == near(4.0)
    # (c/y) sum y / sum c: pulls 1 and 4 of sizes 1 and 4, i.e. in proportion, give weight 1 to both.
    assert powers.bid_weight(1.0, 1.0, 5.0, 5.0) == near(1.0)
    assert powers.bid_weight(4.0, 4.0, 5.0, 5.0) == near(1.0)
    # The last of five holdouts alike: all of the budget per unit of size, five times over.
    assert powers.bid_weight(1.0, 1.0, 5.0, 1.0) == near(5.0)
    assert powers.bid_weight(1.0, 1.0, 5.0, 0.0) == 0.0


@given(st.lists(st.tuples(st.floats(0.1, 10.0), st.floats(0.1, 10.0)), min_size=1, max_size=6), st.floats(0.0, 2.0))
def test_weights_spend_one_budget(states, size_pull):
    pulls = [powers.attraction(resources, size, size_pull) for resources, size in states]
    all_size = sum(size for _, size in states)
    spent = sum(
        size * powers.bid_weight(pull, size, all_size, sum(pulls))
        for (_, size), pull in zip(states, pulls, strict=True)
    )
    assert spent == near(all_size)


def test_a_bid():
    assert powers.eagerness(0.6, 0.0) == near(0.4)
    assert powers.eagerness(0.6, 0.5) == near(0.7)
    assert powers.valuation(0.9, 2.0, 1.5, 0.5, 0.2, 0.7) == near(0.9 * 2.0 * 1.5 * 0.5 * 1.2 * 0.7)


@given(st.floats(1e-6, 10.0) | st.just(0.0), st.floats(1e-6, 10.0) | st.just(0.0))
def test_scaled_claims_never_exceed_what_there_is(available, claims):
    scale = powers.budget_scale(available, claims)
    assert 0.0 <= scale <= 1.0
    assert claims * scale <= available * (1.0 + 1e-12)
    assert scale == 1.0 or claims * scale == near(available)


def test_the_clubs_rent_and_what_it_costs():
    # lambda (B/2) sum y / allies' y = .2 * .5 * 10 / 4 = .25, capped at .1.
    assert powers.club_rent(1.0, 0.2, 1.0, 10.0, 4.0) == near(0.25)
    assert powers.club_rent(0.1, 0.2, 1.0, 10.0, 4.0) == near(0.1)
    assert powers.club_rent(0.1, 0.2, 1.0, 10.0, 0.0) == 0.0
    assert powers.club_outlay(0.25, 1.0, 10.0, 4.0) == near(0.1)
    assert powers.club_outlay(0.0, 0.0, 10.0, 4.0) == 0.0


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.01, 5.0), st.floats(0.1, 1.0))
def test_a_club_never_takes_more_than_half_its_share_of_the_budget(cap, club_share, budget, allied):
    rent = powers.club_rent(cap, club_share, budget, 1.0, allied)
    assert powers.club_outlay(rent, budget, 1.0, allied) <= club_share / 2.0 + 1e-12


def test_demonstration():
    assert powers.excess(0.2, 0.6, 0.1) == near(0.3)
    assert powers.excess(0.6, 0.2, 0.1) == 0.0
    assert powers.demonstrated(0.1, 0.5, 0.3) == near(0.2)


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.integers(0, 20))
def test_demonstration_nears_its_target_geometrically(rate, target, n):
    response = 0.0
    for _ in range(n):
        response = powers.demonstrated(response, rate, target)
    assert response == near(target * (1.0 - (1.0 - rate) ** n), abs=1e-12)


def test_public_goods():
    assert powers.standing(0.4, 0.35, 2.0) == near(0.5)
    assert powers.public_good(0.2, 0.5) == near(0.1)
    assert powers.public_good(0.2, -0.5) == 0.0


def test_acceptance():
    assert powers.acceptance(0.8, 0.5, 0.3, 0.0) == near(0.4)
    assert powers.acceptance(0.8, 2.0, 0.3, 0.0) == 1.0
    assert powers.acceptance(1.0, 1.0, 0.3, 0.5) == near(0.65)
    assert powers.acceptance(1.0, 1.0, 1.0, 1.0) == 1.0
    assert powers.acceptance(1.0, 1.0, 0.0, 1.0) == 0.0


def test_who_is_still_to_be_won():
    held = np.zeros((3, 1, 2))
    held[0, 0, 0] = held[1, 0, 1] = 1.0
    pull = floats(1.0, 2.0, 4.0)
    assert powers.contested_pull(pull, marks(True, True, True), held).tolist() == [[6.0, 5.0]]
    assert powers.contested_pull(pull, marks(True, True, False), held).tolist() == [[2.0, 1.0]]


def test_shares_of_the_deals_in_force():
    held = np.array([[[1.0, 0.0], [0.25, 0.5]], [[0.5, 0.5], [0.0, 0.0]], [[0.0, 1.0], [0.0, 0.0]]])  # states, issues
    assert powers.shares_of_deals(marks(True, True, True), held).tolist() == [
        [near(0.5), near(0.5)],
        [near(1.0 / 3.0), near(2.0 / 3.0)],
    ]
    assert powers.shares_of_deals(marks(False, True, True), held).tolist() == [[near(0.25), near(0.75)], [0.0, 0.0]]
    assert powers.shares_of_deals(marks(False, False, False), held).tolist() == [[0.0, 0.0], [0.0, 0.0]]


# -- what a deal is worth --


def test_terms_affinity_and_links():
    some = case({"affinity": 0.1, "link": 0.05}, {"affinity": -0.2, "belief": 0.5}, need=2.0)
    # 2 (.75 * 1 * .4 + .25 * .5 * .8) + .75 * .15 - .25 * .2
    assert value((0.75, 0.25), (0.4, 0.8), some) == near(0.8 + 0.1125 - 0.05)
    assert value((0.0, 0.0), (0.4, 0.8), some) == 0.0


def test_what_a_quote_says():
    some = dealing(case({"affinity": 0.1, "link": 0.05, "belief": 0.8}, need=2.0, aversion=3.0), prices=(0.5,))
    assert some.power[0].price == 0.5
    assert some.power[0].worth == near(2.0 * 0.8 * 0.5 + 0.15)
    assert some.power[0].risk == near(0.5 * 3.0 * 4.0 * 0.25 * 0.16)


def test_who_offers():
    some = dealing(case({}, {}, {}), (True, False, True))
    assert some.project.bidders == 2
    assert some.who[:2].tolist() == [0, 2]
    # a's and c's shares, in their order.
    dealing(some, (True, False, True), (0.4, 0.9, 0.6))
    assert deal.deal_value(floats(0.25, 0.5), some) == near(0.1 + 0.3)
    assert dealing(some, False).project.bidders == 0


def test_the_pool_pays_for_what_is_not_placed():
    some = case({}, {}, need=2.0, pool=0.3)
    assert value((0.0, 0.0), (0.0, 0.0), some) == near(0.6)
    assert value((0.5, 0.25), (1.0, 1.0), some) == near(2.0 * (0.75 + 0.25 * 0.3))
    assert deal.unplaced(0.7 + 0.7) == 0.0


def test_what_is_owed_costs_where_nothing_is_placed():
    some = case({}, {}, need=2.0, pool=0.3, rollover=0.25)
    assert value((0.0, 0.0), (0.5, 0.5), some) == deal.nothing_value(some.project) == near(0.6 - 0.25)
    assert value((0.0, 0.125), (0.5, 0.5), some) == near(2.0 * (0.125 * 0.5 + 0.875 * 0.3))


def variance(q, b, some_case):
    """Var(sum q b delivered): the charge for risk per unit of what one costs."""
    return deal.risk_charge(floats(*q), dealing(some_case, prices=b)) / deal.risk_weight(some_case.project)


def test_risk():
    some = case({"belief": 0.9}, {"belief": 0.8}, need=2.0, aversion=4.0)
    q, b = floats(0.5, 0.5), floats(1.0, 0.5)
    independent = 0.25 * 0.09 + 0.0625 * 0.16
    assert variance(q, b, some) == near(independent)
    assert deal.risk_charge(q, some) == near(0.5 * 4.0 * 4.0 * independent)
    shared = case({"belief": 0.9}, {"belief": 0.8}, aversion=4.0, correlation=0.5)
    # covariance c (min(mu) - mu mu) = .5 (.8 - .72)
    assert variance(q, b, shared) == near(independent + 2.0 * 0.5 * 0.25 * 0.04)
    assert deal.shared_risk(q, shared) == near(0.5 * 4.0 * 2.0 * 0.5 * 0.25 * 0.04)
    assert deal.shared_risk(q, some) == 0.0
    assert value(q, b, shared) == near(0.5 * 0.9 + 0.25 * 0.8 - deal.risk_charge(q, shared))


@given(st.lists(st.tuples(unit, unit, unit), min_size=1, max_size=4), unit, st.floats(0.0, 4.0))
def test_shared_risk_is_what_the_pairs_covary(each, correlation, aversion):
    mu, q, b = np.array(each).T
    some = dealing(case(*({"belief": m} for m in mu), need=2.0, aversion=aversion, correlation=correlation), prices=b)
    covariance = correlation * (np.minimum.outer(mu, mu) - np.outer(mu, mu))
    parts = q * b
    pairs = parts @ covariance @ parts - parts**2 @ np.diag(covariance)
    assert deal.shared_risk(q, some) == near(0.5 * aversion * 4.0 * pairs, abs=1e-12)


@given(unit, unit, unit)
def test_the_variance_is_that_of_the_draws_of_delivery(mu, nu, correlation):
    # Enumerate who delivers: shared draw with probability c, else independent.
    q, b = floats(0.625, 0.375), floats(1.0, 0.7)
    one, two = q * b
    both = correlation * min(mu, nu) + (1.0 - correlation) * mu * nu
    chances = {(1, 1): both, (1, 0): mu - both, (0, 1): nu - both, (0, 0): 1.0 - mu - nu + both}
    mean = sum(p * (x * one + y * two) for (x, y), p in chances.items())
    expected = sum(p * (x * one + y * two - mean) ** 2 for (x, y), p in chances.items())
    some = case({"belief": mu}, {"belief": nu}, aversion=2.0, correlation=correlation)
    assert variance(q, b, some) == near(expected, abs=1e-12)


def test_a_belief_above_one_overstates_terms_and_leaves_no_doubt():
    assert deal.doubt(1.2) == 0.0
    assert deal.delivery_variance(1.2) == 0.0
    assert value((1.0,), (0.5,), case({"belief": 1.2})) == near(0.6)


def overlap(*q):
    return deal.overlap(sum(q), sum(share * share for share in q))


def test_duplication_and_splits():
    assert overlap(0.5, 0.5) == near(1.0)
    assert overlap(0.25, 0.75) == near(0.75)
    assert overlap(1.0, 0.0) == 0.0
    assert overlap(0.5, 0.25, 0.25) == near(4.0 * (0.125 + 0.125 + 0.0625))
    some = case({}, {}, duplication=0.02, split_cost=0.01)
    assert value((0.5, 0.5), (0.0, 0.0), some) == near(-0.03)
    friends = case({}, {}, split_cost=0.01, contest=np.zeros((2, 2)))
    assert value((0.5, 0.5), (0.0, 0.0), friends) == 0.0


@given(st.lists(unit, min_size=1, max_size=5))
def test_the_overlap_is_a_sum_over_pairs(q):
    assert overlap(*q) == near(4.0 * sum(x * y for x, y in itertools.combinations(q, 2)), abs=1e-12)


def test_a_single_supplier_duplicates_nothing():
    some = case({}, {}, duplication=1.0, split_cost=1.0)
    for eighths in range(9):
        assert overlap(0.0, eighths / 8.0) == 0.0
        assert value((0.0, eighths / 8.0), (0.0, 0.0), some) == 0.0


def test_dependence():
    assert deal.dependence(0.4, 0.5) == near(0.32)
    assert deal.dependence(0.0, 0.0) == 0.0
    assert deal.dependence(0.5, 0.5) == near(0.5)


def feared_loss(q, some_case):
    """Expected loss from abandonment once shares q are settled."""
    each = list(some_case.power)
    exposures = [deal.exposure_after(share, power, some_case.project) for share, power in zip(q, each, strict=True)]
    fears = [deal.feared(exposure, power) for exposure, power in zip(exposures, each, strict=True)]
    loss = deal.feared_loss(sum(fears), sum(exposures))
    parts = [
        deal.doubt(power.belief) * deal.dependence(e, sum(exposures)) for power, e in zip(each, exposures, strict=True)
    ]
    assert loss == near(sum(parts))
    return loss


def test_feared_loss_moves_exposure_as_the_year_will():
    some = case(
        {"belief": 0.9, "tie": 0.4, "elsewhere": 0.2},
        {"belief": 0.5, "tie": 0.1, "elsewhere": 0.0},
        weight=0.5,
        abandonment=2.0,
    )
    # Taking b in full: a's tie .4 -> .38, b's .1 -> .19; exposures .2 + .19 = .39 and .095.
    a, b = 0.39, 0.095
    after = 0.1 * a * a / (a + b) + 0.5 * b * b / (a + b)
    assert feared_loss((0.0, 1.0), some) == near(after)
    # Nothing taken, nothing held: ties .38 and .095; exposures .39 and .0475.
    a, b = 0.39, 0.0475
    before = 0.1 * a * a / (a + b) + 0.5 * b * b / (a + b)
    assert some.project.fear == deal.fear_as_it_is(some) == near(before)
    assert value((0.0, 1.0), (0.0, 0.0), some) == near(-2.0 * (after - before))
    # The same whether a, of whom nothing is taken, offers or not.
    assert deal.deal_value(floats(1.0), dealing(some, (False, True))) == near(-2.0 * (after - before))
    assert deal.feared_loss(0.0, 0.0) == 0.0


def test_what_adds_replaces_or_stays():
    held = {"tie": 0.0, "held": 0.5}
    at_once = {"gain": 1.0, "loss": 1.0}  # so that exposure is the share held on the issue
    replaces, adds = case(held, held, **at_once), case(held, held, adds=True, **at_once)

    def positions(q, some):
        return [deal.exposure_after(share, power, some.project) for share, power in zip(q, some.power, strict=True)]

    assert positions((1.0, 0.0), replaces) == [1.0, 0.0]
    assert positions((1.0, 0.0), adds) == [1.0, 0.5]
    assert positions(replaces.power["held"], replaces) == [0.5, 0.5]


@pytest.mark.parametrize("adds", [False, True])
def test_without_a_new_deal_all_stays(adds):
    held = {"belief": 0.6, "held": 0.5}
    some = case(held, held, adds=adds, gain=1.0, loss=1.0, abandonment=2.0)
    assert some.project.fear == near(0.4 * 0.5)
    assert value((0.0, 0.0), (0.0, 0.0), some) == 0.0
    # Taking a in full: a's part is 1, b's .5 or 0.
    after = 0.4 * (1.0 + 0.25) / 1.5 if adds else 0.4
    assert value((1.0, 0.0), (0.0, 0.0), some) == near(-2.0 * (after - 0.2))
    assert deal.deal_value(floats(1.0), dealing(some, (True, False))) == near(-2.0 * (after - 0.2))


def test_exposure_gains_faster_than_it_loses():
    assert deal.moved(0.4, 1.0, 0.1, 0.05) == near(0.46)
    assert deal.moved(0.4, 0.0, 0.1, 0.05) == near(0.38)
    assert deal.moved(0.4, 0.4, 0.1, 0.05) == near(0.4)


@given(unit, unit, unit, unit)
def test_exposure_stays_between_itself_and_the_share(tie, share, gain, loss):
    after = deal.moved(tie, share, gain, loss)
    assert min(tie, share) - 1e-12 <= after <= max(tie, share) + 1e-12


def test_leaving_the_incumbent_costs():
    some = case({}, {}, switch_cost=0.1, incumbent=0)
    assert value((1.0, 0.0), (0.3, 0.3), some) == near(0.3)
    assert value((0.0, 1.0), (0.3, 0.3), some) == near(0.2)
    assert deal.stays(floats(1.0, 0.0), some)
    assert not deal.stays(floats(0.0, 1.0), some)
    assert not deal.stays(floats(1.0, 0.0), case({}, {}))


def test_somebody_holds_an_exclusive_issue():
    holds, free = case({}, {}, incumbent=0), case({}, {})
    for some, nothing in ((holds, -np.inf), (free, 0.0)):
        table, values, utility, _ = appraised(some, (0.3, 0.3), kind="exclusive")
        assert values[place(table, 0.0, 0.0)] == utility[place(table, 0.0, 0.0)] == nothing
        assert values[place(table, 0.0, 1.0)] == near(0.3)
    # Nothing is taken from who does not offer.
    table, *_ = appraised(holds, (0.3, 0.3), (True, False), kind="exclusive")
    assert table.tolist() == [[0.0], [1.0]]


def test_hurt_counts_rivals_shares_but_not_an_incumbents():
    some = case({}, {}, {}, rivalry=[[0, 1, 0.5], [1, 0, 1], [0, 0, 0]])
    q = floats(0.25, 0.5, 0.25)
    assert [deal.hurt(g, q, some) for g in range(3)] == [near(0.625), near(0.5), 0.0]
    assert [ties.rivals_share(g, q, some.rivalry) for g in range(3)] == [near(0.625), near(0.5), 0.0]
    stays = case({}, {}, incumbent=1)
    assert deal.hurt(0, floats(0.0, 1.0), stays) == deal.hurt_by_whole(0, 1, stays) == 0.0
    leaves = case({}, {}, incumbent=0)
    assert deal.hurt(0, floats(0.0, 1.0), leaves) == deal.hurt_by_whole(0, 1, leaves) == 1.0
    # Of those who offer: b's and c's shares.
    dealing(some, (False, True, True))
    assert [deal.hurt(g, floats(0.5, 0.25), some) for g in range(3)] == [near(0.625), near(0.25), 0.0]


# -- pressure --


def test_stakes():
    assert pressure.stake(0.4, 1.5) == near(0.6)
    assert pressure.stake(0.4, 5.0) == 1.0
    theta = np.array([[0.4, 0.2], [0.1, 0.3]])  # powers by issues
    out = pressure.stakes(theta, floats(1.0, 2.0), np.array([[False, True], [False, False]]))
    assert out.tolist() == [[[0.4, 0.0], [0.2, 0.0]], [[0.8, 0.2], [0.4, 0.6]]]


def test_when_a_power_presses():
    # P D = .4 against c (1 - s + 2 s u) = .1 at s = 0: presses unless reproach and weariness add .3.
    assert pressure.presses(0.5, 0.8, 0.1, 0.0, 0.99, 0.0, 0.0)
    assert not pressure.presses(0.5, 0.8, 0.1, 0.0, 0.99, 0.2, 0.11)
    assert pressure.presses(0.5, 0.8, 0.1, 0.0, 0.99, 0.2, 0.09)
    # Noise: threshold c (2 u) at s = 1.
    assert pressure.presses(0.5, 0.8, 0.3, 1.0, 0.66, 0.0, 0.0)
    assert not pressure.presses(0.5, 0.8, 0.3, 1.0, 0.67, 0.0, 0.0)
    assert not pressure.presses(0.5, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0)
    assert not pressure.presses(1.0, 1.0, math.inf, 1.0, 1e-9, 0.0, 0.0)


@given(unit, unit, st.floats(0.0, 0.5), unit, st.floats(0.0, 0.5), st.floats(0.0, 0.5))
def test_the_probability_of_pressing_is_the_share_of_draws_that_press(success, damage, cost, noise, reproach, tired):
    draws = (np.arange(2000) + 0.5) / 2000
    pressed = [pressure.presses(success, damage, cost, noise, u, reproach, tired) for u in draws]
    assert deal.press_probability(success, damage, cost, noise, reproach, tired) == near(np.mean(pressed), abs=1e-3)


def test_the_sting_is_hirschmans():
    assert pressure.sting(0.8, 0.6, 0.5) == near(0.24)


def penalty(worth, q, spared, some_case):
    """Expected penalty on shares q of U0 ``worth``, by power beside the best that it does not mind."""
    return deal.expected_penalty(worth, floats(*q), dealing(some_case, spared=spared))


def test_the_expected_penalty():
    # b's whole share hurts a by stake .5; P D = .25, cost .2, no noise: presses surely. Sting .3.
    a = {"stake": 0.5, "success": 0.5, "cost": 0.2, "noise": 0.0, "sting": 0.3, "justification": 1.0}
    some = case(a, {})
    q, spared = (0.0, 1.0), (0.4, 0.9)
    assert penalty(0.9, q, spared, some) == deal.penalty_on_whole(0.9, 1, some) == near(0.3)  # dU0 = .5 > sting
    assert penalty(0.6, q, spared, some) == deal.penalty_on_whole(0.6, 1, some) == near(0.2)  # gives up .2 rather
    assert penalty(0.3, q, spared, some) == deal.penalty_on_whole(0.3, 1, some) == 0.0
    assert penalty(0.6, q, spared, case(a, {}, loosen=0.15)) == near(0.05)
    assert penalty(0.9, q, spared, case(a, {}, caution=2.0)) == near(0.6)
    unjustified = case({**a, "justification": 0.0, "legitimacy_weight": 0.3}, {})
    assert penalty(0.9, q, spared, unjustified) == 0.0


@pytest.mark.parametrize("missing", ["sting", "stake"])
def test_who_has_no_stake_or_no_sting_threatens_nobody(missing):
    a = {"stake": 0.5, "success": 0.5, "cost": 0.2, "sting": 0.3, "justification": 1.0, missing: 0.0}
    assert not deal.threatens(case(a).power[0])
    assert penalty(0.9, (0.0, 1.0), (0.4, 0.9), case(a, {})) == 0.0


@pytest.mark.parametrize(("theta", "q", "weight", "z", "strikes"), [(0.9, 1, 1, 2.0, False), (0.9, 1, 1, 2.3, True)])
def test_force(theta, q, weight, z, strikes):
    assert pressure.forces(theta, q, weight, z, 2.0) == strikes


def test_running_success_is_one_step_per_demand_whatever_their_order():
    def one_by_one(outcomes):
        success = 0.5
        for outcome in outcomes:
            success += 0.05 * (outcome - success)
        return success

    assert pressure.running_success(0.5, 0.05, 0, 0) == 0.5
    assert pressure.running_success(0.5, 0.05, 1, 1) == near(one_by_one([1]))
    assert pressure.running_success(0.5, 0.05, 4, 4) == near(one_by_one([1] * 4))
    mixed = pressure.running_success(0.5, 0.05, 4, 2)
    orders = [one_by_one(order) for order in itertools.permutations([0, 0, 1, 1])]
    assert min(orders) <= mixed <= max(orders)


def test_legitimacy():
    assert pressure.legitimacy_after(0.3, 0.5, 0.1, 0.05, 0.1) == near(0.17)
    assert pressure.legitimacy_after(0.1, 0.5, 0.1, 0.5, 0.0) == 0.0
    assert pressure.legitimacy_after(1.0, 2.0, 0.5, 0.0, 0.0) == 1.0


def answered(some_case, prices, chosen, pressed, splits=True):
    table, values, *_ = appraised(some_case, prices, splits=splits)
    ways = ways_for("divisible", splits, len(prices))
    option, master, margin = pressure.answer(some_case, ways, values, place(table, *chosen), marks(*pressed))
    return tuple(table[option]), master, margin


@pytest.mark.parametrize("sting", [0.1, 0.2, 0.3])
def test_comply_iff_the_sting_is_no_less_than_what_is_given_up(sting):
    some = case({"sting": sting, "stake": 1.0}, {})
    shares, master, margin = answered(some, (0.25, 0.45), (0.0, 1.0), (True, False), splits=False)
    assert (shares, master) == ((1.0, 0.0), 0)
    assert margin == near(sting - 0.2, abs=1e-12)


def test_a_new_government_lets_go_more_lightly():
    some = case({"sting": 0.1, "stake": 1.0}, {}, loosen=0.15)
    assert answered(some, (0.25, 0.45), (0.0, 1.0), (True, False), splits=False)[2] == near(0.1 + 0.15 - 0.2)


def test_complying_with_one_leaves_the_other_to_be_resisted():
    # a and b press against c's deal; giving in to a by taking its .4 hurts b: b's sting of .2 remains.
    some = case({"sting": 0.3, "stake": 1.0}, {"sting": 0.2, "stake": 1.0}, {})
    for dear, margin in ((0.75, 0.2 - 0.25), (0.65, 0.2 - 0.15)):
        answer = answered(some, (0.4, 0.1, dear), (0.0, 0.0, 1.0), (True, True, False), splits=False)
        assert answer == ((1.0, 0.0, 0.0), 0, near(margin))


def test_the_answer_is_the_best_net_of_what_remains():
    # Resisting both: .45 - .5 = -.05. Giving a its way by taking a: .1 - .2 = -.1; by taking nothing: 0, the best.
    some = case({"sting": 0.3, "stake": 1.0}, {"sting": 0.2, "stake": 1.0}, {})
    shares, _, margin = answered(some, (0.1, 0.1, 0.45), (0.0, 0.0, 1.0), (True, True, False), splits=False)
    assert (shares, margin) == ((0.0, 0.0, 0.0), near(0.05))


def test_friends_of_the_presser_may_stay():
    some = case({"sting": 0.5, "stake": 1.0}, {}, {}, rivalry=[[0, 1, 0], [1, 0, 1], [0, 1, 0]])
    shares, *_ = answered(some, (0.1, 0.5, 0.4), (0.0, 1.0, 0.0), (True, False, False), splits=False)
    assert shares == (0.0, 0.0, 1.0)


def surrendered(g, some_case, standing, old_prices, posted, available):
    n = len(standing)
    dealing(some_case, prices=old_prices, posted=posted, open=available)
    answer = pressure.surrender(g, some_case, floats(*standing), np.empty(n))
    assert some_case.power["price"].tolist() == list(old_prices)
    return answer


def test_what_giving_up_a_standing_deal_costs():
    some = case({}, {"belief": 0.9}, {})
    standing, old, posted = (0.0, 1.0, 0.0), (0.0, 0.5, 0.0), (0.2, 0.9, 0.9)
    assert surrendered(0, some, standing, old, posted, (True, True, True)) == (near(0.45 - 0.2), 0)
    assert surrendered(0, some, standing, old, posted, (False, True, True)) == (near(0.45), NOBODY)


def test_giving_up_a_standing_deal_keeps_the_pressers_own_part():
    split, old = (0.5, 0.5), (0.4, 0.6)
    some = case({}, {})
    assert surrendered(0, some, split, old, (0.0, 0.0), (False, False)) == (near(0.3), NOBODY)
    # A posted .45 for all of it is better than the .2 that are left.
    assert surrendered(0, some, split, old, (0.45, 0.0), (True, False)) == (near(0.05), 0)
    adds = case({}, {}, adds=True)
    assert surrendered(0, adds, (1.0, 1.0), old, (0.0, 0.0), (False, False)) == (near(0.6), NOBODY)


def test_nothing_is_placed_without_the_winner_of_the_bidding():
    table, _, utility, _ = appraised(case({}, {}), (0.5, 0.5), winner=1)
    for q, u in zip(table, utility, strict=True):
        assert np.isfinite(u) == (q[1] > 0.0 or not q.any())


# -- prices --


def test_the_posted_price():
    assert bargain.posted_price(0.8, 0.5, 0.0, 0.0) == near(0.4)
    assert bargain.posted_price(0.8, 0.25, 0.0, 0.0) == near(0.2)  # and not what is held back
    assert bargain.posted_price(0.8, 0.5, 0.3, 0.0) == near(0.4)  # an outside option that does not bind
    assert bargain.posted_price(0.8, 0.5, 0.6, 0.0) == near(0.6)
    assert bargain.posted_price(0.8, 0.5, 0.9, 0.0) == near(0.8)
    assert bargain.posted_price(0.8, 0.5, 0.3, 0.7) == near(0.7)


def bids(some_case, valuation, posted, offered=True, luck=None):
    """The winner of a round of counter-bids, and the prices of those who offer."""
    luck = np.linspace(0.1, 0.9, len(valuation)) if luck is None else luck
    dealing(some_case, offered, valuation=valuation, posted=posted, luck=luck)
    winner = bargain.counter_bids(some_case)
    return winner, some_case.power["price"][some_case.power["offers"]].tolist()


def test_counter_bids_are_a_second_price_auction():
    assert bids(case({}, {}), (0.9, 0.6), (0.45, 0.3)) == (0, [near(0.6), near(0.6)])
    assert bids(case({}, {}), (0.9, 0.3), (0.45, 0.15)) == (0, [near(0.45), near(0.3)])
    assert bids(case({}, {}, {}), (0.5, 0.9, 0.7), (0.0, 0.0, 0.0)) == (1, [near(0.5), near(0.7), near(0.7)])


def test_counter_bids_compete_in_utility():
    # b is .2 dearer to the state: it wins with .8 + .2 and pays .9 - .2.
    assert bids(case({}, {"affinity": 0.2}), (0.9, 0.8), (0.0, 0.0)) == (1, [near(0.9), near(0.7)])
    # Less reliable: U_b(V_b) = .5 * .8 = .4, so a pays .4.
    assert bids(case({}, {"belief": 0.5}), (0.9, 0.8), (0.0, 0.0)) == (0, [near(0.4), near(0.8)])
    # Need multiplies both; affinity in units of utility: a pays what is worth 2 * .8 - .2.
    assert bids(case({}, {"affinity": -0.2}, need=2.0), (0.9, 0.8), (0.0, 0.0)) == (0, [near(0.7), near(0.8)])


def test_without_a_rival_the_posted_price_stands():
    assert bids(case({}, {}), (0.9, 0.6), (0.45, 0.3), offered=(True, False)) == (NOBODY, [near(0.45)])
    friends = case({}, {}, contest=np.zeros((2, 2)))
    assert bids(friends, (0.9, 0.6), (0.45, 0.3))[1] == [near(0.45), near(0.3)]


def test_friends_do_not_bid_each_other_up():
    contest = [[0, 1, 1], [1, 0, 0], [1, 0, 0]]
    assert bids(case({}, {}, {}, contest=contest), (0.2, 0.9, 0.8), (0.1, 0.45, 0.4))[1] == [
        near(0.2),
        near(0.45),  # b's friend c is no rival
        near(0.4),
    ]


def test_nobody_offers():
    assert bids(case({}, {}), (0.9, 0.6), (0.45, 0.3), offered=(False, False)) == (NOBODY, [])


@pytest.mark.parametrize(("luck", "winner"), [((0.2, 0.7), 1), ((0.7, 0.2), 0)])
def test_ties_are_drawn(luck, winner):
    assert bids(case({}, {}), (0.5, 0.5), (0.0, 0.0), luck=luck)[0] == winner


def test_who_bids_against_whom():
    some = case({}, {}, {}, contest=[[0, 1, 0], [1, 0, 0], [0, 0, 0]])
    assert bargain.contested(some)
    assert bargain.contested(dealing(some, (True, True, False)))
    assert not bargain.contested(dealing(some, (True, False, True)))  # friends
    assert not bargain.contested(dealing(some, (False, True, False)))
    assert not bargain.contested(dealing(some, False))


def test_a_threat_of_pressure_is_competed_away():
    # b wins over a, who presses surely with a sting of .3: U_b = U0 - min(.3, U0_b - U0_a). At V_b = 1, U0_a = .6:
    # U_b = .7. b must pay the least with U_b(b) >= .6, i.e. b - .3 = .6 where b - .6 > .3, else b - (b - .6) = .6.
    a = {"stake": 1.0, "success": 1.0, "cost": 0.1, "noise": 0.0, "sting": 0.3, "justification": 1.0}
    winner, prices = bids(case(a, {}), (0.6, 1.0), (0.0, 0.0))
    assert winner == 1
    assert prices[1] == near(0.6)
    # With U_a dearer by affinity than b's worth at the kink, the rest of the way is paid in full.
    winner, prices = bids(case({**a, "affinity": 0.05}, {}), (0.6, 1.0), (0.0, 0.0))
    assert prices[1] == near(0.65)


bidder = st.fixed_dictionaries(
    {
        "affinity": st.floats(-0.2, 0.2),
        "belief": st.floats(0.3, 1.0),
        "tie": unit,
        "elsewhere": unit,
        "sting": st.floats(0.0, 1.0),
        "stake": unit,
        "justification": unit,
        "success": unit,
        "cost": st.floats(0.0, 0.2),
        "noise": unit,
        "legitimacy_weight": st.floats(0.0, 0.5),
    }
)
market = st.fixed_dictionaries(
    {
        "need": st.floats(0.2, 2.0),
        "aversion": st.floats(0.0, 4.0),
        "abandonment": st.floats(0.0, 1.5),
        "weight": unit,
        "loosen": st.floats(0.0, 0.2),
        "caution": st.floats(0.0, 1.0),
        "correlation": unit,
    }
)


held_too = bidder.flatmap(lambda one: st.builds(lambda held, link: {**one, "held": held, "link": link}, unit, signed))
whole_market = market.flatmap(
    lambda one: st.builds(
        lambda more: {**one, **more},
        st.fixed_dictionaries(
            {
                "pool": unit,
                "duplication": unit,
                "split_cost": unit,
                "switch_cost": unit,
                "rollover": unit,
                "adds": st.booleans(),
                "gain": unit,
                "loss": unit,
            }
        ),
    )
)


@given(st.lists(held_too, min_size=1, max_size=4), st.data(), whole_market)
def test_the_whole_project_is_a_deal_like_any_other(each, data, setting):
    n = len(each)
    some = case(*each, **setting, incumbent=data.draw(st.integers(NOBODY, n - 1)))
    offered = [data.draw(st.booleans()) for _ in each]
    spared = [data.draw(signed) for _ in each]
    g = data.draw(st.integers(0, n - 1))
    offered[g] = True
    dealing(some, offered, [data.draw(st.floats(0.0, 2.0)) for _ in each], spared=spared)
    q = (some.who[: some.project.bidders] == g).astype(np.float64)
    worth = deal.whole_value(g, some)
    assert worth == near(deal.deal_value(q, some), abs=1e-12)
    assert [deal.hurt_by_whole(h, g, some) for h in range(n)] == [deal.hurt(h, q, some) for h in range(n)]
    assert deal.penalty_on_whole(worth, g, some) == near(deal.expected_penalty(worth, q, some), abs=1e-12)


def utility_at(some_case, g, price):
    """U of giving all to g at a price, all offering."""
    deal.quote(some_case.power[g], price, some_case.project)
    q = floats(*(float(h == g) for h in range(some_case.power.size)))
    worth = deal.deal_value(q, some_case)
    return worth - deal.expected_penalty(worth, q, some_case)


@given(st.lists(bidder, min_size=2, max_size=4), st.data(), market)
def test_the_winner_pays_the_least_that_wins(each, data, setting):
    n = len(each)
    some = case(*each, **setting)
    valuation = floats(*(data.draw(st.floats(0.01, 2.0)) for _ in each))
    posted = floats(*(data.draw(unit) * v for v in valuation))
    winner, prices = bids(some, valuation, posted)
    bargain.corner_utilities(some, False)
    utility = some.power["appeal"]
    assert [utility_at(some, g, valuation[g]) for g in range(n)] == near(utility.tolist())
    assert utility[winner] == utility.max()
    target = max(utility[g] for g in range(n) if g != winner)
    price = prices[winner]
    assert posted[winner] <= price <= valuation[winner]
    assert all(prices[g] == valuation[g] for g in range(n) if g != winner)
    got = utility_at(some, winner, price)
    assert got >= target - 1e-9
    # Nothing lower would do: either the floor binds, or the first price at which the target is met is this one.
    grid = np.linspace(posted[winner], price, 200)[:-1]
    assert price == posted[winner] or all(utility_at(some, winner, b) <= target + 1e-9 for b in grid)


def test_need_makes_the_present_press():
    assert bargain.patience(0.0) == 1.0
    assert bargain.patience(1.0) == near(0.5)
    assert bargain.patience(3.0) == near(0.25)


def clause(some_case, valuation, discount=0.5, post=0.0):
    """What the first power pays for shutting out the second."""
    dealing(some_case, bid=valuation, posted=(post, 0.0), open=True)
    bargain.corner_utilities(some_case, True)
    return bargain.clause_price(0, some_case, discount, 1)


def test_the_price_of_an_exclusion():
    assert clause(case({}, {}), (0.6, 0.8)) == near(0.4)
    assert clause(case({}, {}), (0.6, 0.8), discount=0.8) == -1.0  # .64 > .6
    assert clause(case({}, {}), (0.6, 0.8), post=0.5) == near(0.5)
    assert clause(case({"belief": 0.8}, {}), (0.6, 0.8)) == near(0.5)
    assert clause(case({"affinity": 0.1}, {}), (0.6, 0.8)) == near(0.3)


@given(st.floats(0.01, 1.0), st.floats(0.01, 1.0), st.floats(0.0, 3.0), unit)
def test_an_exclusion_is_struck_iff_its_power_can_pay(v_own, v_rival, need, posted):
    delta = bargain.patience(need)
    price = clause(case({}, {}), (v_own, v_rival), delta, posted * v_own)
    if price < 0.0:
        assert v_own < delta * v_rival + 1e-12
    else:
        assert price == near(max(posted * v_own, delta * v_rival))
        assert price <= v_own


def rival_of_first(some_case, valuation, available):
    """The rival that the first power would shut out."""
    dealing(some_case, bid=valuation, open=available)
    bargain.corner_utilities(some_case, True)
    return bargain.strongest_rival(0, some_case)


def test_the_rival_to_be_shut_out_is_the_one_worth_most():
    some = case({}, {"affinity": 0.3}, {})
    assert rival_of_first(some, (1.0, 0.5, 0.7), (True, True, True)) == 1
    assert rival_of_first(some, (1.0, 0.5, 0.7), (True, False, True)) == 2
    assert rival_of_first(some, (1.0, 0.5, 0.7), (True, False, False)) == NOBODY
    friends = case({}, {}, {}, contest=[[0, 0, 1], [0, 0, 1], [1, 1, 0]])
    assert rival_of_first(friends, (1.0, 0.9, 0.1), (True, True, True)) == 2


def excluded(some_case, valuation, posted, offered=True, available=True, need=1.0, threshold=0.0, luck=0.5):
    """Who pays to shut whom out, and the price; a bid is known as expected, a tenth, until its power offers."""
    expected = np.where(offered, valuation, 0.1)
    dealing(some_case, offered, bid=valuation, valuation=expected, posted=posted, open=available, luck=luck)
    return bargain.exclusion(some_case, need, threshold)


def test_an_exclusion_clause():
    a, b = {"stake": 0.6}, {"stake": 0.2}
    only_a = {"offered": (True, False), "posted": (0.1, 0.1)}
    # a need of 1 halves what is forgone: b's real .8, though it was not asked, and only .1 was expected.
    assert excluded(case(a, b), (0.6, 0.8), **only_a) == (0, 1, near(0.4))
    assert excluded(case(a, b), (0.6, 0.8), need=3.0, **only_a) == (0, 1, near(0.2))
    assert excluded(case(a, b), (0.6, 0.8), offered=(True, False), posted=(0.5, 0.1)) == (0, 1, near(0.5))
    # Too dear; too small a stake, or none; a rival who has refused; no rival; no offer.
    nobody = (NOBODY, NOBODY, 0.0)
    assert excluded(case(a, b), (0.3, 0.8), **only_a) == nobody
    assert excluded(case(a, b), (0.6, 0.8), threshold=0.7, **only_a) == nobody
    assert excluded(case(a, b), (0.6, 0.8), threshold=0.6, **only_a) == (0, 1, near(0.4))
    assert excluded(case({"stake": 0.0}, b), (0.6, 0.8), **only_a) == nobody
    assert excluded(case(a, b), (0.6, 0.8), available=(True, False), **only_a) == nobody
    assert excluded(case(a, b, contest=np.zeros((2, 2))), (0.6, 0.8), **only_a) == nobody
    assert excluded(case(a, b), (0.6, 0.8), offered=False, posted=(0.1, 0.1)) == nobody


def test_of_several_clauses_the_one_worth_most_is_taken():
    both = {"posted": (0.1, 0.1), "luck": (0.3, 0.6)}
    stakes = {"stake": 0.5}, {"stake": 0.5}
    # a pays half of b's .8, b half of a's .6: a's clause is worth more, unless b is dearer by affinity.
    assert excluded(case(*stakes), (0.6, 0.8), **both) == (0, 1, near(0.4))
    # a pays (.8 + .3) / 2; b (.7 / 2) - .3 = .05, but it has posted .1: worth .4.
    assert excluded(case(stakes[0], {**stakes[1], "affinity": 0.3}), (0.7, 0.8), **both) == (0, 1, near(0.55))
    assert excluded(case(stakes[0], {**stakes[1], "affinity": 0.3}), (0.5, 0.8), **both) == (1, 0, near(0.1))
    assert excluded(case(*stakes), (0.6, 0.6), **both) == (1, 0, near(0.3))
    assert excluded(case(*stakes), (0.6, 0.6), posted=(0.1, 0.1), luck=(0.6, 0.3)) == (0, 1, near(0.3))
    assert excluded(case(*stakes), (0.6, 0.8), threshold=0.5, offered=(False, True), posted=(0.1, 0.1)) == (
        1,
        0,
        near(0.3),
    )


# -- choice --


def test_options_by_kind():
    def rows(kind, splits, n):
        return [tuple(q) for q in options_of(kind, splits, n)]

    assert rows("exclusive", True, 2) == [(0, 0), (1, 0), (0, 1)]
    assert rows("divisible", False, 2) == [(0, 0), (1, 0), (0, 1)]
    assert set(rows("compatible", False, 3)) == set(itertools.product((0.0, 1.0), repeat=3))
    eighths = rows("divisible", True, 2)
    assert len(eighths) == len(set(eighths)) == 45
    assert all(sum(q) <= 1.0 and all((8 * x).is_integer() for x in q) for q in eighths)
    assert len(rows("divisible", True, 3)) == math.comb(8 + 3, 3)


@pytest.mark.parametrize("splits", [True, False])
@pytest.mark.parametrize("kind", ["compatible", "divisible", "exclusive"])
def test_options_with_fewer_bidders_are_those_of_a_smaller_world(kind, splits):
    ways = ways_for(kind, splits, 3)
    assert ways.shares.flags.c_contiguous
    assert ways.columns.flags.c_contiguous
    assert (ways.columns == ways.shares.T).all()
    assert len(ways.first) == 3 + 2
    assert (ways.first[0], ways.first[-1]) == (0, len(ways.shares))
    for bidders in range(4):
        block = ways.shares[ways.first[bidders] : ways.first[bidders + 1]]
        assert not block[0].any()  # places nothing
        assert not block[-1].any()  # to spare
        assert not block[:, bidders:].any()
        assert block[:-1, :bidders].tolist() == options_of(kind, splits, bidders).tolist()


@pytest.mark.parametrize("powers", range(5))
@pytest.mark.parametrize("splits", [True, False])
@pytest.mark.parametrize("kind", ["compatible", "divisible", "exclusive"])
def test_a_group_is_the_options_that_take_of_the_same_powers(kind, splits, powers):
    ways = ways_for(kind, splits, powers)
    assert ways.group.shape == (powers + 1, 2**powers + 1)
    for bidders in range(powers + 1):
        rows, bounds = rows_of(ways, bidders), ways.group[bidders]
        assert rows[0].sum() == 0.0
        assert len(rows) == ways.first[bidders + 1] - ways.first[bidders] - 1
        assert (bounds[0], bounds[2**bidders], bounds[-1]) == (0, len(rows), len(rows))
        assert (np.diff(bounds) >= 0).all()
        for group in range(2**powers):
            for q in rows[bounds[group] : bounds[group + 1]]:
                assert sum(1 << c for c in range(bidders) if q[c] > 0.0) == group


def picked(utility, kind, some_case, rationality=np.inf, gumbel=None):
    """The option that is taken among those of a kind."""
    values = floats(*utility)
    some_case.project.best = values.max()
    noise = np.full(len(values), np.nan) if gumbel is None else gumbel
    return search.pick(values, ways_for(kind, False, some_case.power.size), some_case, rationality, noise)


def test_the_best_reply_and_its_ties():
    some, other = case({"luck": 0.3}, {"luck": 0.6}), case({"luck": 0.6}, {"luck": 0.3})
    assert picked((0.0, 0.2, 0.1), "exclusive", some) == 1
    assert picked((0.0, 0.2, 0.2), "exclusive", some) == 2
    assert picked((0.0, 0.2, 0.2), "exclusive", other) == 1
    assert picked((0.0, -np.inf, -0.1), "exclusive", some) == 0
    # The draws of those who offer: of a and c, c's is the higher.
    three = dealing(case({"luck": 0.3}, {"luck": 0.2}, {"luck": 0.6}), (True, False, True))
    assert picked((0.0, 0.2, 0.2), "exclusive", three) == 2


@given(st.floats(2.0**-53, 1.0 - 2.0**-53))
def test_a_gumbel_draw_has_its_quantile(luck):
    # F(x) = exp(-exp(-x)).
    assert math.exp(-math.exp(-search.standard_gumbel(luck))) == near(luck, rel=1e-12)


def test_gumbel_draws_by_hand():
    assert search.standard_gumbel(math.exp(-1.0)) == near(0.0, abs=1e-15)
    assert search.standard_gumbel(0.5) == near(-math.log(math.log(2.0)))
    assert np.isfinite([search.standard_gumbel(u) for u in (2.0**-53, 1.0 - 2.0**-53)]).all()


def code_of(shares, offered):
    """Code of an option, in a world where these powers offer, of shares by the powers' names."""
    names = np.array([name_hash(name) for name in offered], dtype=np.uint64)
    some = dealing(case(*({} for _ in offered)), list(offered.values()))
    q = floats(*(shares.get(name, 0.0) for name, offers in offered.items() if offers))
    with np.errstate(over="ignore"):  # modulo 2**64
        return int(search.option_code(q, some, names))


@given(st.permutations(["a", "b", "c", "d"]), st.data())
def test_the_code_of_an_option_is_by_names_whatever_other_powers_there_are(order, data):
    shares = {"a": data.draw(st.integers(1, 8)) / 8.0, "b": data.draw(st.integers(1, 8)) / 8.0}
    code = sum(int(8 * share) * name_hash(name) for name, share in shares.items()) % 2**64
    assert code_of(shares, {"a": True, "b": True}) == code_of(shares, {"b": True, "a": True}) == code
    offered = {name: name in shares or data.draw(st.booleans()) for name in order}
    assert code_of(shares, offered) == code


def test_placing_nothing_has_the_code_zero():
    assert code_of({}, {"a": True, "b": False}) == code_of({}, {"a": False}) == 0


def test_logit_is_the_share_of_gumbel_draws():
    # McFadden: Pr(o) = exp(b U_o) / sum; n draws have s.e. sqrt(p (1 - p) / n).
    utility, precision = floats(0.0, 0.3, -np.inf, 0.1), 5.0  # of none, the first, the second, both
    rng = np.random.default_rng(1)
    n = 20_000
    gumbel = rng.gumbel(size=(n, 4))
    some = case({"luck": 0.0}, {"luck": 0.0})
    picks = np.array([picked(utility, "compatible", some, precision, row) for row in gumbel])
    weights = np.where(np.isfinite(utility), np.exp(precision * utility), 0.0)
    expected = weights / weights.sum()
    for o in range(4):
        p = expected[o]
        assert np.mean(picks == o) == near(p, abs=4.0 * math.sqrt(p * (1.0 - p) / n) + 1e-15)


def asking(some_case, g, chance, valuation, posted, offered, outbid=True, splits=False, excuses=True, enough=np.inf):
    ways = ways_for("divisible", splits, len(valuation))
    some_case = roomy(some_case, ways)
    dealing(some_case, offered, valuation=valuation, posted=posted)
    before = some_case.power[["offers", "justification"]].tolist()
    now = search.prospect(some_case, outbid, ways)
    gain = search.asking_gain(g, chance, now, some_case, outbid, excuses, enough, ways)
    assert some_case.power[["offers", "justification"]].tolist() == before
    return gain


def test_the_prospect_is_the_best_deal_with_those_who_offer():
    def prospect(offered, outbid):
        ways = ways_for("divisible", False, 3)
        some = dealing(case({}, {}, {}), offered, valuation=(0.8, 0.6, 0.9), posted=(0.4, 0.3, 0.2))
        return search.prospect(roomy(some, ways), outbid, ways)

    assert prospect(False, True) == 0.0
    assert prospect((True, True, False), False) == near(0.4)
    assert prospect((True, True, False), True) == near(0.6)  # a pays b's valuation
    assert prospect((False, True, True), True) == near(0.6)
    assert prospect((False, False, True), True) == near(0.2)
    assert prospect((True, True, True), True) == near(0.8)


def test_what_asking_is_worth():
    # Alone, a posts .4. Beside b, a pays b's .6 if outbidding, else a's .4 or b's .3 remain.
    some = case({}, {})
    assert asking(some, 0, 0.5, (0.8, 0.6), (0.4, 0.3), (False, False)) == near(0.5 * 0.4)
    assert asking(some, 1, 0.5, (0.8, 0.6), (0.4, 0.3), (True, False)) == near(0.5 * 0.2)
    assert asking(some, 1, 0.5, (0.8, 0.6), (0.4, 0.3), (True, False), outbid=False) == 0.0


def test_a_refusal_is_worth_what_it_disarms():
    # b offers .7 against nothing; a presses surely if it may object: penalty min(.2, .7).
    a = {
        "stake": 1.0,
        "success": 1.0,
        "cost": 0.1,
        "noise": 0.0,
        "sting": 0.2,
        "justification": 1.0,
        "legitimacy_weight": 1.0,
    }
    some = case(a, {})
    assert asking(some, 0, 0.0, (0.0, 0.9), (0.0, 0.7), (False, True), outbid=False) == near(0.2)
    assert some.power[0].justification == 1.0
    # Nor is it worth anything where nobody remembers.
    assert asking(some, 0, 0.0, (0.0, 0.9), (0.0, 0.7), (False, True), outbid=False, excuses=False) == 0.0
    # It accepts half of the time with nothing to offer: then only the other half is worth something.
    assert asking(some, 0, 0.5, (0.0, 0.9), (0.0, 0.7), (False, True), outbid=False) == near(0.1)


def controlled(rule, offered, luck=0.5):
    """Shares by power that a control's rule takes."""
    some = dealing(case(*({} for _ in offered)), offered, luck=luck)
    q, shares = np.full(len(offered), np.nan), np.zeros(len(offered))
    rule(q, some)
    shares[some.who[: some.project.bidders]] = q[: some.project.bidders]
    return shares.tolist()


def test_controls():
    assert controlled(search.even_shares, (True, False, True)) == [0.5, 0.0, 0.5]
    assert controlled(search.even_shares, (False, False)) == [0.0, 0.0]
    assert controlled(search.all_offers, (True, False, True)) == [1.0, 0.0, 1.0]
    assert controlled(search.all_offers, (False, False)) == [0.0, 0.0]
    assert controlled(search.random_offer, (True, False, True), (0.4, 0.9, 0.3)) == [1.0, 0.0, 0.0]
    assert controlled(search.random_offer, (True, False, True), (0.4, 0.9, 0.5)) == [0.0, 0.0, 1.0]
    assert controlled(search.random_offer, (False, False), (0.5, 0.6)) == [0.0, 0.0]


@given(st.lists(bidder, min_size=1, max_size=3), st.data(), market, st.booleans())
def test_the_best_utility_is_of_an_offered_option(each, data, setting, splits):
    n = len(each)
    some = case(*each, **setting, duplication=data.draw(st.floats(0.0, 0.03)))
    prices = [data.draw(unit) for _ in each]
    offered = marks(*(data.draw(st.booleans()) for _ in each))
    table, values, utility, best = appraised(some, prices, offered, splits=splits)
    assert best == utility.max() >= utility[place(table, *([0.0] * table.shape[1]))] == 0.0
    assert (utility <= values).all()
    # Each is worth what it is if the others offer too, and nothing is taken of them.
    all_offer, all_worth, *_ = appraised(some, prices, splits=splits)
    everywhere = {tuple(q): worth for q, worth in zip(all_offer, all_worth, strict=True)}
    for q, worth in zip(table, values, strict=True):
        shares = np.zeros(n)
        shares[offered] = q
        assert worth == near(everywhere[tuple(shares)], abs=1e-12)


@st.composite
def placements(
    draw, most=4, kinds=(("compatible", False), ("divisible", True), ("divisible", False), ("exclusive", True))
):
    """A case of up to four powers, some of them friends, of which one to ``most`` offer; and the ways to place it."""
    each = draw(st.lists(held_too, min_size=1, max_size=4))
    n, (kind, splits) = len(each), draw(st.sampled_from(kinds))
    for one in each:
        one["cost"] = draw(st.floats(0.0, 0.2) | st.sampled_from((0.0, math.inf)))
        one["weariness"] = draw(st.floats(0.0, 0.1))
    rivalry = np.array([[draw(unit | st.just(1.0)) for _ in each] for _ in each]) * (1.0 - np.eye(n))
    contest = 1.0 - np.eye(n)
    for g, h in itertools.combinations(range(n), 2):
        if draw(st.booleans()):
            rivalry[g, h] = rivalry[h, g] = contest[g, h] = contest[h, g] = 0.0
    incumbent = draw(st.integers(NOBODY, n - 1)) if kind == "exclusive" else NOBODY
    some = case(*each, rivalry=rivalry, contest=contest, incumbent=incumbent, **draw(whole_market))
    bidding = draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=min(n, most), unique=True))
    posted = [draw(st.floats(0.0, 2.0)) for _ in each]
    more = [draw(unit) for _ in each]
    dealing(some, [g in bidding for g in range(n)], posted, posted=posted, valuation=np.add(posted, more))
    ways = ways_for(kind, splits, n)
    return roomy(some, ways), ways


def spare_row(some_case, ways, own):
    """The ways with one's own shares in the spare row, and how many rows the block has then."""
    bidders, end = some_case.project.bidders, ways.first[some_case.project.bidders + 1]
    shares = ways.shares.copy()
    shares[end - 1, :bidders] = own[:bidders]
    return ways._replace(shares=shares, columns=shares.T.copy()), int(end - ways.first[bidders])


own_shares = st.tuples(st.floats(0.01, 1.0), unit, unit, unit) | st.just((1.0, 0.0, 0.0, 0.0))
corners = (("exclusive", True), ("divisible", False))


def valued(some_case, ways, rows):
    """U0 of the first rows of a block, side by side, and the rows."""
    begin = ways.first[some_case.project.bidders]
    deal.value_all(some_case, ways, rows)
    return some_case.value[:rows], ways.shares[begin : begin + rows]


@given(placements(), own_shares)
def test_values_side_by_side_are_those_of_each_deal(placement, own):
    some, ways = placement
    if some.project.incumbent != NOBODY:
        own = (1.0, 0.0, 0.0, 0.0)  # an exclusive issue is not shared
    ways, rows = spare_row(some, ways, own)
    values, table = valued(some, ways, rows)
    assert values[1:] == near([deal.deal_value(q, some) for q in table[1:]], abs=1e-12)
    assert values[0] == (deal.nothing_value(some.project) if some.project.incumbent == NOBODY else -np.inf)


@given(placements())
def test_placing_nothing_is_worth_the_same_by_ones_own_choice(placement):
    some, ways = placement
    values, table = valued(some, *spare_row(some, ways, np.zeros(4)))
    assert values[-1] == near(deal.deal_value(table[-1], some), abs=1e-12)


@given(placements(), st.booleans(), own_shares)
def test_what_is_spared_is_the_best_that_does_not_hurt(placement, counts, own):
    some, ways = placement
    ways, rows = spare_row(some, ways, (1.0, 0.0, 0.0, 0.0) if some.project.incumbent != NOBODY else own)
    values, table = valued(some, ways, rows if counts else rows - 1)
    threatened = deal.note_spared(some, ways, len(values))
    threats = [g for g in range(some.power.size) if deal.threatens(some.power[g])]
    assert threatened == bool(threats)
    for g in threats:
        harmless = [worth for q, worth in zip(table, values, strict=True) if deal.hurt(g, q, some) == 0.0]
        assert some.power[g].spared == max(harmless, default=-np.inf)


@given(placements(), st.booleans(), own_shares)
def test_penalties_side_by_side_are_those_of_each_deal(placement, counts, own):
    some, ways = placement
    ways, rows = spare_row(some, ways, (1.0, 0.0, 0.0, 0.0) if some.project.incumbent != NOBODY else own)
    values, table = valued(some, ways, rows if counts else rows - 1)
    deal.note_spared(some, ways, len(values))
    deal.penalise(some, ways, len(values))
    utility = some.utility[: len(values)]
    penalties = [deal.expected_penalty(worth, q, some) for q, worth in zip(table, values, strict=True)]
    assert not np.isnan(utility).any()
    assert utility == near(values - penalties, abs=1e-12)


@given(placements(), st.booleans(), st.integers(0, 3))
def test_the_best_option_is_the_first_of_the_best(placement, won, winner):
    some, ways = placement
    bidders = some.project.bidders
    winner = int(some.who[winner % bidders]) if won else NOBODY
    some, rows = roomy(some, ways), len(rows_of(ways, bidders))
    best, utility = deal.appraise(some, ways, False, winner), some.utility
    assert best == utility[:rows].max()
    assert some.project.best == best
    assert np.isnan(utility[rows:]).all()


@given(placements(kinds=corners), st.booleans(), st.integers(0, 3))
def test_the_best_corner_is_the_best_of_all_or_nothing(placement, won, winner):
    some, ways = placement
    winner = int(some.who[winner % some.project.bidders]) if won else NOBODY
    best = bargain.best_corner(some, winner)
    assert best == near(deal.appraise(roomy(some, ways), ways, False, winner), abs=1e-12)


@given(placements(), st.integers(0, 3), unit, st.booleans(), st.booleans(), st.floats(0.0, 0.3), st.booleans())
def test_a_gain_that_is_enough_exceeds_what_is_enough(placement, asked, chance, outbid, excuses, enough, nobody):
    some, ways = placement
    some, g = roomy(some, ways), asked % some.power.size
    outbid = outbid and some.project.bidders == 1  # an objection that is dropped may spoil the counter-bids of others
    some.power["offers"][[g, *(range(some.power.size) if nobody else ())]] = False
    now = search.prospect(some, outbid, ways)
    exact = search.asking_gain(g, chance, now, some, outbid, excuses, np.inf, ways)
    for least in (enough, 0.0, exact, math.nextafter(exact, -math.inf)):
        gain = search.asking_gain(g, chance, now, some, outbid, excuses, least, ways)
        assert (gain > least) == (exact > least)
        assert gain == exact or least < gain < exact  # the first term alone


@given(bidder, bidder, market, st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_names_do_not_matter(one, two, setting, b1, b2):
    here, there = case(one, two, **setting), case(two, one, **setting)
    for q in ((1.0, 0.0), (0.25, 0.625)):
        assert value(q, (b1, b2), here) == near(value(q[::-1], (b2, b1), there), abs=1e-12)


# -- what a year leaves behind --


def test_need_reverts_and_jumps():
    assert ties.need_after(1.5, 1.0, 0.7, 0.1, 0.0, 1.0) == near(1.45)
    assert ties.need_after(1.0, 1.0, 0.7, 0.0, 1.0, 0.8) == near(1.8)
    assert ties.need_after(0.1, 0.1, 0.7, -5.0, 0.0, 1.0) == 0.0
    assert ties.shock_cost(0.5, 1.8, 1.0) == near(0.4)


def test_affinity():
    assert ties.affinity(0.1, -1.0, 0.3) == near(-0.2)
    assert ties.legitimate(0.1, 0.2, 0.4) == near(0.08)
    assert ties.legitimate(0.1, 0.2, 0.5) == 0.1


def test_beliefs_follow_the_evidence():
    assert ties.observed(0.5, 0.2, 0.3, True, 1.0, 1.0) == near(0.6)
    assert ties.observed(0.5, 0.2, 0.3, True, 0.0, 1.0) == near(0.5 + 0.2 * 0.7 * 0.5)
    assert ties.observed(0.5, 0.2, 0.3, False, 0.5, 0.0) == near(0.5 - 0.2 * 0.15 * 0.5)
    assert ties.observed(0.5, 0.2, 0.0, False, 0.9, 0.0) == 0.5


@given(st.floats(0.0, 2.0), unit, unit, st.booleans(), unit, st.booleans())
def test_a_belief_never_overshoots_what_it_sees(belief, rate, social, client, neighbours, delivered):
    after = ties.observed(belief, rate, social, client, neighbours, float(delivered))
    assert min(belief, delivered) - 1e-12 <= after <= max(belief, delivered) + 1e-12


def test_insults():
    assert ties.insult_chance(2.0, 0.3) == near(0.6)
    assert ties.insult_chance(10.0, 0.3) == 1.0
    assert ties.hostility_after(0.6, 0.5, False) == near(0.3)
    assert ties.hostility_after(0.6, 0.5, True) == 1.0


def test_insult_fade_is_the_share_that_fades():
    assert ties.hostility_after(1.0, 0.2, False) == near(0.8)


def test_concentration_of_the_faintest_exposure_is_a_number():
    assert ties.herfindahl(floats(0.0, 5e-324)) == 1.0


def test_influence_and_concentration():
    assert ties.advantage(0, floats(0.6, 0.3, 0.1)) == near(0.3)
    assert ties.advantage(1, floats(0.6, 0.3, 0.1)) == near(-0.3)
    assert ties.advantage(0, floats(0.6)) == near(0.6)
    assert ties.herfindahl(floats(0.2, 0.2)) == near(0.5)
    assert ties.herfindahl(floats(0.3, 0.0)) == near(1.0)
    assert ties.herfindahl(floats(0.0, 0.0)) == 0.0
    held = np.array([[[1.0, 0.0], [0.25, 0.75]], [[0.0, 1.0], [0.0, 0.0]]])
    stakes = np.array([[[0.5, 0.0], [1.0, 0.0]], [[0.2, 0.0], [1.0, 0.0]]])
    # y theta (q - other): 2 (.5 * 1 + 1 * -.5) + 3 (.2 * -1)
    assert ties.ahead(0, floats(2.0, 3.0), stakes, held) == near(-0.6)


def test_exposure_follows_the_shares_in_force():
    tie, held, exposure = np.array([[0.4, 0.1], [0.0, 0.2]]), np.array([[1.0, 0.0], [0.0, 0.2]]), np.zeros(2)
    ties.follow(tie, held, 0.1, 0.05)
    assert tie.tolist() == [[near(0.46), near(0.095)], [0.0, near(0.2)]]
    ties.exposures(tie, floats(0.75, 0.25), exposure)
    assert exposure.tolist() == [near(0.345), near(0.75 * 0.095 + 0.05)]


def test_project_sizes_have_the_stated_mean():
    assert ties.project_size(2.0, 0.0, 1.7) == 2.0
    # Gauss-Hermite: the mean over the normal is exact to machine precision.
    x, w = np.polynomial.hermite_e.hermegauss(40)
    sizes = [ties.project_size(2.0, 0.5, e) for e in x]
    assert np.dot(w, sizes) / math.sqrt(2.0 * math.pi) == near(2.0)


# -- together --


def test_cohesion_and_quorum():
    assert bloc.cohesion(2.0, 0.2) == near(0.6)
    assert bloc.cohesion(10.0, 0.2) == 0.0
    assert bloc.spread(floats(1.0, 2.0, 3.0, 4.0)) == near(np.std([1, 2, 3, 4]))
    assert bloc.spread(np.zeros(0)) == 0.0
    assert bloc.has_quorum(6, 12, 0.5)
    assert not bloc.has_quorum(5, 12, 0.5)
    assert not bloc.has_quorum(0, 0, 0.0)


@pytest.mark.parametrize(("members", "quorum", "needed"), [(12, 0.5, 6), (11, 0.5, 6), (10, 0.3, 3), (5, 0.0, 1)])
def test_votes_needed(members, quorum, needed):
    assert bloc.votes_needed(members, quorum) == needed


def test_blocking_m_of_n():
    assert bloc.votes_to_buy(12, 7, 0) == 6
    assert bloc.votes_to_buy(12, 7, 4) == 2
    assert bloc.votes_to_buy(12, 7, 8) == 0


@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 30))
def test_the_votes_bought_are_the_least_that_block(members, needed, captured):
    assume(needed <= members and captured <= members)
    bought = bloc.votes_to_buy(members, needed, captured)
    assert members - captured - bought < needed
    assert bought == 0 or members - captured - (bought - 1) >= needed


@given(st.lists(signed | st.sampled_from((0.0, 0.5)), min_size=1, max_size=30), st.integers(1, 35))
def test_the_nth_least_of_some_numbers(numbers, n):
    values = floats(*numbers)
    assert nth_least(values, n) == sorted(numbers)[min(n, len(numbers)) - 1]
    assert sorted(values.tolist()) == sorted(numbers)


def test_learning():
    assert bloc.smoothed(1.0, 2.0, 0.3) == near(1.3)
    assert bloc.copy_chance(5.0, 0.2, 0.4) == near(1.0 / (1.0 + math.exp(-1.0)))
    assert bloc.copy_chance(0.0, 0.2, 0.4) == 0.5
    assert bloc.copy_chance(5.0, 0.2, 0.4) + bloc.copy_chance(5.0, 0.4, 0.2) == near(1.0)
    assert bloc.copy_chance(1e6, 5.0, 0.0) == 0.0
