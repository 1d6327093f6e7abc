"""The limits of MODEL.md and further closed forms, each through the model itself.

Tests of sampling error state the closed form, the number of draws and the standard error; seeds are fixed, the
tolerance is four standard errors.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from conftest import first_fast
from scipy import stats
from worlds import FIELD, HEDGE, SHOP, issue, loaded, plain, power, rivals, run, toml, world

from ana_sim.luck import PURPOSES, Luck
from ana_sim.model import AnaModel
from ana_sim.scenario import Scenario
from ana_sim.strategy import Strategy

near = pytest.approx

SURE = {"severity": 1.0, "cost": 0.0, "noise": 0.0, "legitimacy_weight": 0.0, "fatigue": 0.0, "execution": 1.0}
"""A power that surely presses where a rival's share hurts it."""

MANY = {"years": 40, "states": {"count": 50}}
N_MANY = 40 * 50

RICH = {
    "states.count": 6,
    "years": 12,
    "states.ideology.sigma": 0.3,
    "world.outside_floor": 0.2,
    "world.insults": 0.5,
    "world.turnover": 0.4,
    "world.delivery_correlation": 0.3,
    "world.demonstration": {"rate": 0.3, "lag": 2, "trigger": 0.0},
    "world.bloc": {"coordination": 0.5, "quorum": 0.3, "captured": 0.2, "office_value": 1.0, "vote_price": 0.1},
    "world.learning": {"rate": 0.3, "mutation": 0.1},
    "power.hegemon.inward_turn": 0.5,
    "power.rising.growth": 0.05,
    "power.hegemon.reliability": 0.8,
    "power.hegemon.pressure.force_threshold": 0.8,
}
"""Bipolar, small, with every mechanism on."""


def bipolar(**settings):
    return Scenario.load("bipolar").replace({"states.count": 6, "years": 12, **settings})


def rich(**settings):
    return Scenario.load("bipolar").replace({**RICH, **settings})


def deals(model):
    return model.record.deals()


def events(model, kind):
    table = model.record.events()
    return table[table["kind"] == kind]


def column(model, name):
    return model.record.states()[name].to_numpy()


def agrees(sample, expected, deviation=None):
    """Whether a sample's mean is within four standard errors of what is expected."""
    sample = np.asarray(sample, dtype=float)
    deviation = sample.std(ddof=1) if deviation is None else deviation
    return abs(sample.mean() - expected) < 4.0 * deviation / math.sqrt(sample.size)


def table_file(tmp_path, text):
    file = tmp_path / "states.csv"
    file.write_text(text, encoding="utf-8")
    return {"source": str(file)}


# -- prices --


@pytest.mark.parametrize("phi", first_fast(0.5, 0.0, 0.9))
def test_two_bidders_outbid_each_other(phi):
    # The winner pays max(phi V1, V2): (1 + phi^2) E[V1] / 2 with E[V1] = 2/3.
    model = run(world(**MANY, world={"posted_share": phi}))
    assert len(deals(model)) == N_MANY
    assert agrees(deals(model)["price"], (1.0 + phi * phi) / 3.0)


@pytest.mark.parametrize(("strength", "phi"), first_fast((1.0, 0.1), (0.3, 0.1), (0.3, 0.0001)))
def test_who_bids_most_has_the_project(strength, phi):
    # V_r ~ U(0, b) beats V_h ~ U(0, 1) with probability b / 2.
    model = run(world(rivals(r={"capability": strength}), **MANY, world={"posted_share": phi}))
    offers = events(model, "offered").pivot(index=["year", "state"], columns="power", values="offer")
    taken = deals(model).set_index(["year", "state"])["power"]
    assert (offers.idxmax(axis=1) == taken.reindex(offers.index)).all()
    chance = strength / 2.0
    assert (taken == "r").mean() == near(chance, abs=4.0 * math.sqrt(chance * (1.0 - chance) / N_MANY))


@pytest.mark.parametrize("phi", first_fast(0.3, 0.9))
def test_the_best_of_two_posted_prices(phi):
    model = run(world(**MANY, world={"posted_share": phi}, custom={"shop": SHOP}))
    assert agrees(deals(model)["price"], phi * 2.0 / 3.0)


def test_three_bidders():
    # The second highest of three.
    three = [*rivals(), power("t", "third")]
    model = run(world(three, [issue(interest={"t": 1.0})], **MANY))
    assert agrees(deals(model)["price"], 0.5)


@pytest.mark.parametrize("openness", first_fast(0.6, 0.0, 0.2, 1.0))
def test_a_closed_rival_gives_little_leverage(openness):
    # E min(U(0, 1), U(0, b)) = b/2 - b^2/6: nothing from a rival that is closed.
    model = run(world(rivals(r={"openness": openness}), **MANY))
    assert agrees(deals(model)["price"], openness / 2.0 - openness**2 / 6.0, deviation=0.25 * openness + 1e-12)


@pytest.mark.parametrize(("phi", "custom"), [(0.5, FIELD), (0.5, SHOP)])
def test_a_single_power_pays_what_it_posts(phi, custom):
    works = {"name": "works", "kind": "divisible", "interest": {"h": 1.0}}
    settings = {"posted_share": phi}
    model = run(world([power("h", "hegemon")], [works], **MANY, world=settings, custom={"one": custom}))
    assert agrees(deals(model)["price"], phi / 2.0)


@pytest.mark.parametrize("r", first_fast(0.2, 0.7))
def test_an_outside_pool_is_a_floor_under_counter_bids(r):
    # Terms are max(r, second bid): r + (1 - r)^3 / 3, used or not.
    works = issue(instrument="infrastructure")
    model = run(world(issues=[works], **MANY, world={"outside_floor": r}))
    assert agrees(column(model, "terms"), r + (1.0 - r) ** 3 / 3.0)
    assert column(model, "terms").min() == near(r)


@pytest.mark.slow
def test_an_outside_pool_raises_posted_prices_only_where_it_binds():
    def terms(r):
        works = issue(instrument="loan")
        settings = {"posted_share": 0.5, "outside_floor": r}
        return column(run(world(issues=[works], **MANY, world=settings, custom={"shop": SHOP})), "terms")

    without, small, large = terms(0.0), terms(0.2), terms(0.4)
    assert (small == np.maximum(without, 0.2)).all()
    assert (large == np.maximum(without, 0.4)).all()
    assert (small == without).any()


def test_the_pool_lends_for_loans_and_infrastructure_only():
    model = run(world(issues=[issue(instrument="arms")], **MANY, world={"outside_floor": 0.7}))
    assert agrees(column(model, "terms"), 1.0 / 3.0)


def test_on_compatible_issues_all_are_taken_in_full_and_nobody_outbids():
    settings = {"posted_share": 0.5, "duplication": 1.0, "split_cost": 1.0, "bid_cost": 1.0}
    model = run(world(issues=[issue(kind="compatible", term=1)], **MANY, world=settings))
    assert agrees(column(model, "terms"), 0.5)
    assert len(deals(model)) == 2 * N_MANY
    assert (column(model, "asks") == 0.0).all()


@pytest.mark.parametrize(("cost", "p", "phi"), first_fast((0.05, 1.0, 0.5), (0.1, 0.8, 0.5), (0.3, 1.0, 0.5)))
def test_a_search_stops_at_weitzmans_reservation_price(cost, p, phi):
    # With V1 heard, asking once more is worth p phi (1/2 - V1)+; so the second is asked iff V1 < 1/2 - c / (p phi),
    # or if the first refused; the first is asked iff p phi / 2 > c.
    custom = {"walk": {"asks": "all", "search": "stepwise"}}
    works = issue(acceptance={"h": p, "r": p})
    settings = {"posted_share": phi, "ask_cost": cost}
    model = run(world(issues=[works], **MANY, world=settings, custom=custom))
    asked = len(events(model, "asked"))
    if p * phi / 2.0 <= cost:
        assert asked == 0
        return
    more = (1.0 - p) + p * (0.5 - cost / (p * phi))
    assert asked / N_MANY == near(1.0 + more, abs=4.0 * math.sqrt(more * (1.0 - more) / N_MANY))
    assert column(model, "asks").sum() == near(-cost * asked)


def test_diplomatic_capacity_divides_the_costs_of_asking_and_bidding():
    settings = {"ask_cost": 0.02, "bid_cost": 0.03, "posted_share": 0.5}
    scenario = world(world=settings, states={"diplomatic_capacity": 0.5})
    assert column(run(scenario), "asks").tolist() == [near(-(2 * 0.02 + 0.03) / 0.5)]


def test_the_last_holdouts_price_rises(tmp_path):
    # N states alike; r holds all but one. What is left to win weighs N times its budget, and so it defends the others.
    rows = "".join(f"X{i},1,{'r' if i else ''}\n" for i in range(10))
    states = table_file(tmp_path, "name,size,recognises\n" + rows)
    flag = issue("flag", "exclusive", instrument="recognition", interest={"h": 0.0, "r": 0.1})
    settings = {"posted_share": 0.5, "valuation_spread": 0.0}
    table = deals(run(world(issues=[flag], states=states, world=settings))).set_index("state")
    assert table.loc["X0", "price"] == near(0.5 * 10 * 0.1)
    assert table.loc["X1", "price"] == near(0.5 * 10 * 0.1)


def test_without_an_offer_an_incumbent_without_interest_just_stays(tmp_path):
    states = table_file(tmp_path, "name,size,recognises\nA,1,h\n")
    flag = issue("flag", "exclusive", instrument="recognition", interest={"h": 0.0, "r": 0.0})
    model = run(world(issues=[flag], states=states, years=2))
    assert column(model, "holds_flag").tolist() == ["h", "h"]
    assert column(model, "share_r").tolist() == [0.0, 0.0]


def test_a_state_may_keep_an_incumbent_that_does_not_offer(tmp_path):
    states = table_file(tmp_path, "name,size,recognises\nA,1,h\n")
    flag = issue("flag", "exclusive", instrument="recognition", interest={"h": 0.0, "r": 0.1})
    settings = {"posted_share": 0.5, "switch_cost": 5.0}
    model = run(world(issues=[flag], states=states, world=settings))
    assert column(model, "holds_flag").tolist() == ["h"]


def test_a_link_counts_what_is_expected_elsewhere():
    # Siding with h on networks is worth l n phi E[V] of its vaccines: .5 * 1.5 * .4 * .6.
    issues = [
        issue("vaccines", arrival=0.0, interest={"h": 0.6, "r": 0.0}),
        issue("networks", interest={"h": 0.5, "r": 0.6}),
    ]
    settings = {"posted_share": 0.4, "valuation_spread": 0.0}
    states = {"need": {"mean": 1.5}}

    def outcome(weight):
        link = [{"from": "vaccines", "to": "networks", "weight": weight}]
        model = run(world(issues=issues, link=link, states=states, custom={"shop": SHOP}, world=settings))
        return deals(model)["power"].tolist(), column(model, "terms").tolist()

    assert outcome(0.0) == (["r"], [near(1.5 * 0.4 * 0.6)])
    assert outcome(0.5) == (["h"], [near(1.5 * 0.4 * 0.5 + 0.5 * 1.5 * 0.4 * 0.6)])


# -- exclusion clauses --


@pytest.mark.parametrize(("d", "b"), first_fast((0.5, 1.0), (0.5, 1.8), (0.25, 2.0), (0.8, 0.5)))
def test_exclusion_clauses(d, b):
    # Struck iff V_H >= d V_R: 1 - db/2; at d V_R: (db/2 - (db)^2/3) / (1 - db/2).
    works = issue(stake={"h": 1.0})
    need = {"need": {"mean": 1.0 / d - 1.0}}
    model = run(
        world(
            rivals(r={"capability": b}),
            [works],
            years=40,
            states={"count": 50, **need},
            world={"clause_term": 1},
        )
    )
    struck = events(model, "excluded")
    chance = 1.0 - d * b / 2.0
    assert len(struck) / N_MANY == near(chance, abs=4.0 * math.sqrt(chance * (1.0 - chance) / N_MANY))
    assert agrees(struck["offer"], (d * b / 2.0 - (d * b) ** 2 / 3.0) / chance)
    assert set(struck["power"]) == {"h"}
    assert set(struck["detail"]) == {"r"}


def test_the_patience_behind_a_clause_is_the_states_not_the_issues():
    works = issue(stake={"h": 1.0}, need=4.0)
    model = run(world(issues=[works], **MANY, world={"clause_term": 1}))
    chance = 1.0 - 0.5 / 2.0
    assert len(events(model, "excluded")) / N_MANY == near(chance, abs=4.0 * math.sqrt(chance / 4 / N_MANY))


def test_a_clause_shuts_the_rival_out_for_its_term():
    works = issue(stake={"h": 1.0})
    model = run(world(rivals(r={"capability": 0.5}), [works], years=9, world={"clause_term": 4}))
    struck = events(model, "excluded")["year"].tolist()
    asked = events(model, "asked").query("power == 'r'")["year"].tolist()
    assert struck
    for year in struck:
        assert not [other for other in asked if year < other < year + 4]
    assert (events(model, "excluded")["offer"] <= 0.5 * 0.5).all()


@pytest.mark.parametrize("term", first_fast(1, 0))
def test_a_clause_needs_a_term_and_a_stake(term):
    low = run(world(issues=[issue(stake={"h": 0.49})], **MANY, world={"clause_term": term}))
    assert events(low, "excluded").empty
    high = run(world(issues=[issue(stake={"h": 0.5})], **MANY, world={"clause_term": term}))
    assert events(high, "excluded").empty == (term == 0)


# -- hedging --


def best_eighth(need, mu, aversion, b1, b2, duplication=0.0, correlation=0.0):
    x = np.arange(9) / 8.0
    v = mu * (1.0 - mu)
    variance = v * ((x * b1) ** 2 + ((1 - x) * b2) ** 2) + 2.0 * correlation * v * x * (1 - x) * b1 * b2
    value = need * mu * (x * b1 + (1 - x) * b2) - aversion / 2.0 * need**2 * variance - duplication * 4.0 * x * (1 - x)
    return x[np.argmax(value)], value.max() - max(value[0], value[-1])


@pytest.mark.parametrize(
    ("strength", "aversion", "mu", "need"), [(0.9, 4, 0.8, 1), (0.7, 8, 0.6, 1.5), (0.4, 8, 0.5, 1)]
)
def test_the_best_split_is_that_of_mean_and_variance(strength, aversion, mu, need):
    trust = {"belief_initial": mu}
    scenario = world(
        rivals(h=trust, r={**trust, "capability": strength}),
        custom={"hedge": HEDGE},
        states={"risk_aversion": float(aversion), "need": {"mean": need}},
        world={"posted_share": 0.5, "valuation_spread": 0.0},
    )
    state = run(scenario).record.states().iloc[0]
    share, gain = best_eighth(need, mu, aversion, 0.5, 0.5 * strength)
    assert state["share_h"] == near(share)
    assert state["share_h"] + state["share_r"] == near(1.0)
    assert (gain > 0.0) == (0.0 < share < 1.0)


@pytest.mark.parametrize(("duplication", "splits"), [(0.0, True), (0.01, True), (0.03, False)])
def test_hedging_pays_as_long_as_risk_outweighs_duplication(duplication, splits):
    # Two equal offers b: half and half saves rho n^2 b^2 mu (1 - mu) / 4 = 4 * .25 * .09 / 4 = .0225.
    trust = {"belief_initial": 0.9}
    settings = {"posted_share": 0.5, "valuation_spread": 0.0, "duplication": duplication}
    scenario = world(rivals(trust, trust), custom={"hedge": HEDGE}, states={"risk_aversion": 4.0}, world=settings)
    state = run(scenario).record.states().iloc[0]
    if splits:
        assert state["share_h"] == state["share_r"] == near(0.5)
        assert state["duplication"] == near(-duplication)
    else:
        assert {state["share_h"], state["share_r"]} == {0.0, 1.0}


def test_nothing_is_gained_by_splitting_where_powers_fail_together():
    trust = {"belief_initial": 0.8}
    settings = {"posted_share": 0.5, "valuation_spread": 0.0, "delivery_correlation": 1.0, "duplication": 1e-6}
    scenario = world(rivals(trust, trust), custom={"hedge": HEDGE}, states={"risk_aversion": 8.0}, world=settings)
    state = run(scenario).record.states().iloc[0]
    assert {state["share_h"], state["share_r"]} == {0.0, 1.0}


def test_in_a_contested_split_the_loser_is_paid_in_full():
    # U(b) = .7 b - (2/2) .21 b^2; h wins, pays what is worth r's .8, and both get a share.
    trust = {"belief_initial": 0.7}
    scenario = world(
        rivals(trust, {**trust, "belief_initial": 0.6, "capability": 0.9}),
        custom={"ana": {**FIELD, "splits": True}},
        states={"risk_aversion": 2.0, "diplomatic_capacity": 0.5},
        world={"posted_share": 0.5, "valuation_spread": 0.0, "split_cost": 0.001},
    )
    model = run(scenario)
    table = deals(model).set_index("power")
    assert table["share"].sum() == near(1.0)
    assert table.loc["r", "price"] == near(0.9)
    target = 0.6 * 0.9 - 0.24 * 0.81
    assert table.loc["h", "price"] == near((0.7 - math.sqrt(0.49 - 4.0 * 0.21 * target)) / 0.42)
    assert column(model, "asks")[0] == near(-0.001)


# -- pressure and force --


@pytest.mark.parametrize(
    ("threshold", "weight", "sigma"), first_fast((1.2, 1.0, 0.5), (0.5, 0.4, 0.8), (2.0, 1.0, 0.5))
)
def test_force_strikes_by_the_projects_own_size(threshold, weight, sigma):
    # theta z weight > K_F, z lognormal of mean 1.
    works = issue(stake={"h": 0.8}, interest={"h": 0.0}, strategic=weight, project={"sigma": sigma})
    calm = rivals(h={"pressure": {"force_threshold": threshold}})
    model = run(world(calm, [works], **MANY, world={"posted_share": 0.5}))
    tail = stats.norm.sf((math.log(threshold / (0.8 * weight)) + sigma**2 / 2.0) / sigma)
    struck = len(events(model, "forced"))
    assert struck / N_MANY == near(tail, abs=4.0 * math.sqrt(tail * (1.0 - tail) / N_MANY))
    assert len(deals(model)) == N_MANY - struck
    assert column(model, "pressure").sum() == near(-struck * 1.0)


@pytest.mark.parametrize(("threshold", "share"), first_fast((0.79, 1.0), (0.8, 0.0), (0.81, 0.0)))
def test_force_is_all_or_nothing_where_projects_are_alike(threshold, share):
    works = issue(stake={"h": 0.8}, interest={"h": 0.0}, project={"sigma": 0.0})
    model = run(world(rivals(h={"pressure": {"force_threshold": threshold}}), [works], **MANY))
    assert len(events(model, "forced")) / N_MANY == share


def test_splitting_a_project_removes_the_use_of_force():
    works = issue(stake={"h": 0.8}, project={"sigma": 0.0})
    bold = rivals(
        {"pressure": {"force_threshold": 0.5}, "belief_initial": 0.8}, {"belief_initial": 0.8, "capability": 1.1}
    )
    settings = {"posted_share": 0.5, "valuation_spread": 0.0}
    aversion = {"risk_aversion": 8.0}
    whole = run(world(bold, [works], custom={"shop": SHOP}, states=aversion, world=settings))
    split = run(world(bold, [works], custom={"hedge": HEDGE}, states=aversion, world=settings))
    assert len(events(whole, "forced")) == 1
    assert len(events(split, "forced")) == 0


def test_force_does_not_depend_on_the_countrys_size_or_place(tmp_path):
    states = table_file(tmp_path, "name,size,strategic\nSmall,0.1,0.1\nLarge,9,9\n")
    works = issue(stake={"h": 0.8}, interest={"h": 0.0}, project={"sigma": 0.0})
    for threshold, strikes in ((0.81, 0), (0.79, 2)):
        model = run(world(rivals(h={"pressure": {"force_threshold": threshold}}), [works], states=states))
        assert len(events(model, "forced")) == strikes


@pytest.mark.parametrize(("severity", "complies"), [(0.7, False), (0.9, True)])
def test_a_state_complies_iff_the_sting_outweighs_the_loss(severity, complies):
    # dU0 = .5 - .1 = .4; sting eps tau A = severity * .5.
    works = issue(stake={"h": 1.0})
    powers = rivals({"capability": 0.2, "pressure": {**SURE, "severity": severity}})
    states = {"exposure": {"h": 0.5}, "count": 1}
    custom = {"bold": {**SHOP, "caution": 0.0}}
    settings = {"posted_share": 0.5, "valuation_spread": 0.0, "exposure_gain": 0.0, "exposure_loss": 0.0}
    model = run(world(powers, [works], states=states, custom=custom, world=settings))
    assert len(events(model, "complied")) == complies
    assert len(events(model, "resisted")) == (not complies)
    assert deals(model)["power"].tolist() == (["h"] if complies else ["r"])
    assert column(model, "pressure")[0] == near(0.0 if complies else -0.5 * severity)


@pytest.mark.parametrize("execution", first_fast(0.3, 0.0, 0.8))
def test_threats_are_carried_out_as_often_as_said(execution):
    works = issue(stake={"h": 1.0}, interest={"h": 0.0})
    press = {**SURE, "severity": 0.1, "execution": execution, "success_rate": 0.0}
    lasting = {"exposure_gain": 0.0, "exposure_loss": 0.0, "posted_share": 1.0, "valuation_spread": 0.0}
    states = {"count": 50, "exposure": {"h": 0.5}}
    model = run(world(rivals({"pressure": press}), [works], years=40, states=states, world=lasting))
    assert len(events(model, "resisted")) == N_MANY
    costs = -column(model, "pressure") / (0.1 * 0.5)
    assert set(costs.round(9)) <= {0.0, 1.0}
    assert costs.mean() == near(execution, abs=4.0 * math.sqrt(execution * (1.0 - execution) / N_MANY) + 1e-12)


@pytest.mark.parametrize(("caution", "pressed"), [(2.0, 0), (0.5, 1)])
def test_a_cautious_state_anticipates_pressure(caution, pressed):
    # r is worth .5 - caution min(.3, .5 - .25) to it, h .25; who did not anticipate it gives in to it.
    works = issue(stake={"h": 1.0})
    powers = rivals({"capability": 0.5, "pressure": {**SURE, "severity": 0.6}})
    settings = {"posted_share": 0.5, "valuation_spread": 0.0}
    custom = {"some": {**SHOP, "caution": caution}}
    model = run(world(powers, [works], states={"exposure": {"h": 0.5}}, custom=custom, world=settings))
    assert len(events(model, "pressed")) == len(events(model, "complied")) == pressed
    assert deals(model)["power"].tolist() == ["h"]


@pytest.mark.parametrize(("p", "c"), first_fast((0.4, 0.02), (0.8, 0.05)))
def test_the_premium_on_asking_the_hegemon_first(p, c):
    # tau_eff - p (v_R - v_H) - (1 - p) c: who has refused cannot object.
    v_h, v_r, severity, exposure = 0.3, 0.5, 0.4, 0.5
    works = issue(stake={"h": 1.0}, interest={"h": v_h / v_r}, acceptance={"h": p, "r": 1.0})
    press = {**SURE, "severity": severity, "legitimacy_weight": 1.0, "success_rate": 0.0}
    custom = {
        name: {"asks": "all", "order": f"{name}_first", "search": "first", "caution": 0.0}
        for name in ("hegemon", "rising")
    }
    settings = {
        "posted_share": v_r,
        "valuation_spread": 0.0,
        "ask_cost": c,
        "memory_years": 1,
        "exposure_gain": 0.0,
        "exposure_loss": 0.0,
    }
    scenario = world(
        rivals({"pressure": press}),
        [works],
        custom=custom,
        years=40,
        states={"count": 50, "exposure": {"h": exposure}},
        world=settings,
    )
    # The default issue is divisible; prices phi V: v_H and v_R.
    first = column(run(scenario, play="hegemon"), "payoff")
    second = column(run(scenario, play="rising"), "payoff")
    tau_eff = severity * exposure
    assert second == near(v_r - c - tau_eff)
    assert agrees(first - second, tau_eff - p * (v_r - v_h) - (1.0 - p) * c)


def test_a_refusal_disarms_for_the_years_of_memory():
    works = issue(stake={"h": 1.0}, acceptance={"h": 0.0, "r": 1.0})
    press = {**SURE, "legitimacy_weight": 1.0}
    change = [
        {"path": "issue.works.interest.h", "year": 1, "value": 0.0}
    ]  # asked, and refusing, in the first year only
    model = run(
        world(
            rivals({"pressure": press}), [works], years=6, change=change, world={"memory_years": 3, "posted_share": 0.5}
        )
    )
    assert events(model, "refused")["year"].tolist() == [2010]
    assert events(model, "pressed")["year"].tolist() == [2013, 2014, 2015]


def test_penalties_shrink_the_ties_of_a_year():
    # Resisted and carried out every year: A falls by alpha once for the penalty and once for the share of r.
    works = issue(stake={"h": 1.0}, interest={"h": 0.0})
    powers = rivals({"pressure": {**SURE, "severity": 0.1, "success_rate": 0.0}})
    settings = {"posted_share": 1.0, "valuation_spread": 0.0, "exposure_loss": 0.2}
    model = run(world(powers, [works], years=3, states={"exposure": {"h": 0.5}}, world=settings))
    before = 0.5 * 0.8 ** (2 * np.arange(3))
    assert column(model, "pressure") == near(-0.1 * before)
    assert column(model, "exposure_h") == near(before * 0.8**2)


def test_with_linkage_off_a_threat_draws_on_the_issues_own_ties(tmp_path):
    works = [issue("works", stake={"h": 1.0}, interest={"h": 0.0}), issue("other", arrival=3.0, interest={"h": 0.0})]
    powers = rivals({"pressure": {**SURE, "severity": 0.1, "success_rate": 0.0}})
    settings = {"posted_share": 1.0, "valuation_spread": 0.0, "exposure_loss": 0.2}
    for linkage in (True, False):
        model = run(
            world(
                powers,
                works,
                years=30,
                states={"exposure": {"h": 0.5}},
                world={**settings, "linkage": linkage, "exposure_gain": 0.2},
            )
        )
        table = model.record.states()
        # A_works falls by .8 a year and by .8 with each penalty; A_other with the penalties only under linkage.
        own, other = 0.5, 0.5
        for row in table.itertuples():
            if row.issue == "works":
                assert row.pressure == near(-0.1 * ((own + 3.0 * other) / 4.0 if linkage else own))
                own *= 0.8
                other *= 0.8 if linkage else 1.0
            own, other = own * 0.8, other * 0.8
            assert row.exposure_h == near((own + 3.0 * other) / 4.0)


def test_without_linkage_severity_and_abandonment_exposure_does_not_matter():
    def outcome(low, high):
        draw = {"low": low, "high": high}
        model = run(
            bipolar(
                **{
                    "states.exposure": {"hegemon": draw, "rising": draw},
                    "world.linkage": False,
                    "world.abandonment": 0.0,
                    "power.hegemon.pressure.severity": 0.0,
                    "power.rising.pressure.severity": 0.0,
                    "world.turnover": 0.5,
                    "states.count": 20,
                }
            )
        )
        return model.record.events(), column(model, "payoff")

    (some, payoffs), (others, other_payoffs) = outcome(0.0, 0.1), outcome(0.0, 1.0)
    assert some.equals(others)
    assert (payoffs == other_payoffs).all()
    assert (some["kind"] == "pressed").sum() > 20  # so the test is not of an empty set


BOLD = {"strategies.custom": {"bold": {**SHOP, "caution": 0.0}}}
"""Asks all, takes the best offer, and does not anticipate pressure."""


def concessions(**settings):
    """Correlation over states of exposure at the start and the share of demands that were met."""
    lasting = {"world.exposure_gain": 0.0, "world.exposure_loss": 0.0}
    draw = {"states.exposure": {"hegemon": {"low": 0.0, "high": 1.0}}}
    scenario = bipolar(**{"states.count": 150, "years": 20, **lasting, **draw, **BOLD, **settings})
    model = run(scenario, play="bold")
    table = model.record.states()
    table = table[table["pressed"]].groupby("state")["complied"].mean()
    start = dict(zip(model.population.names, model.population.exposure[:, 0], strict=True))
    return np.corrcoef([start[name] for name in table.index], table.to_numpy())[0, 1], len(table)


def test_exposure_and_concession_are_uncorrelated_without_linkage_and_tied_with_it():
    off = {
        "world.linkage": False,
        "world.abandonment": 0.0,
        "power.hegemon.pressure.severity": 0.0,
        "power.rising.pressure.severity": 0.0,
    }
    r, n = concessions(**off)
    assert n > 30
    assert abs(r) < 4.0 / math.sqrt(n)
    r, n = concessions(**{"power.rising.pressure.severity": 0.0, "power.hegemon.pressure.severity": 1.5})
    assert r > 4.0 / math.sqrt(n)


# -- learning --


def ends_with_allies(k, strength, advantage, rate, replicate, n=5):
    scenario = world(
        [power("h", "hegemon", club_share=1.0)],
        [{"name": "works", "kind": "divisible"}],
        custom={
            "ally": {"asks": "patron", "patron": "h", "declares": True},
            "alone": {"asks": "none"},
        },
        strategies={"mix": {"ally": float(k), "alone": float(n - k)}},
        years=400,
        states={"count": n},
        world={"club_cap": advantage, "learning": {"rate": rate, "strength": strength, "smoothing": 1.0}},
    )
    model = AnaModel(scenario, rng=1, replicate=replicate, collect=False)
    while True:
        model.step()
        names = {model.strategies[place].name for place in model.playing}
        if len(names) == 1:
            return names == {"ally"}


@pytest.mark.parametrize(
    ("k", "strength", "rate"),
    first_fast((1, 10.0, 1.0), (2, 0.0, 1.0), (3, 5.0, 0.5)),
)
def test_fixation(k, strength, rate):
    n, advantage, replicates = 5, 0.1, 300
    # Pairwise comparison (Traulsen, Nowak & Pacheco 2006), no mutation, constant advantage, from k copies.
    x = strength * advantage
    expected = k / n if x == 0.0 else -math.expm1(-x * k) / -math.expm1(-x * n)
    fixed = np.mean([ends_with_allies(k, strength, advantage, rate, replicate, n) for replicate in range(replicates)])
    assert fixed == near(expected, abs=4.0 * math.sqrt(expected * (1.0 - expected) / replicates))


@pytest.mark.slow
def test_fixation_holds_within_a_year_too():
    replicates = 4000
    # With several occasions a year an imitator must take over its model's payoff with its strategy, or this is .59.
    expected = -math.expm1(-1.0) / -math.expm1(-5.0)
    fixed = np.mean([ends_with_allies(1, 10.0, 0.1, 1.0, replicate) for replicate in range(replicates)])
    assert fixed == near(expected, abs=4.0 * math.sqrt(expected * (1.0 - expected) / replicates))


def test_without_learning_strategies_stay():
    model = run(rich(**{"world.learning.rate": 0.0}))
    assert model.record.states().groupby("state")["strategy"].nunique().max() == 1
    moving = run(rich(**{"world.learning.rate": 1.0}))
    assert moving.record.states().groupby("state")["strategy"].nunique().max() > 1


# -- the bloc --


def office(captured, value, price=0.25, n=12, quorum=0.6):
    bloc = {"quorum": quorum, "captured": captured / n, "office_value": value, "vote_price": price}
    model = run(world(states={"count": n}, world={"bloc": bloc}))
    return model, model.power_rows[0], float(column(model, "club").sum())


@pytest.mark.parametrize("captured", [0, 2, 4, 5, 9])
def test_blocking_m_of_n(captured):
    # m = ceil(.6 * 12) = 8 votes carry it; blocking costs N - m + 1 - f = 5 - f votes.
    votes = max(0, 12 - 8 + 1 - captured)
    _, row, gained = office(captured, math.inf)
    assert row["office"] == 1
    assert gained == near(votes * 0.25)
    assert row["spent"] * 12 == near(votes * 0.25 + deals_cost(captured))


def deals_cost(captured):
    bloc = {"quorum": 0.6, "captured": captured / 12}
    return run(world(states={"count": 12}, world={"bloc": bloc})).power_rows[0]["spent"] * 12


@pytest.mark.parametrize(("value", "bought"), [(1.24, 0), (1.26, 1)])
def test_the_office_is_bought_iff_it_is_worth_its_votes(value, bought):
    _, row, gained = office(0, value)
    assert row["office"] == bought
    assert gained == near(bought * 5 * 0.25)


def test_the_office_is_not_bought_beyond_the_budget():
    _, row, gained = office(0, math.inf, price=3.0)
    assert row["office"] == 0
    assert gained == 0.0


def test_influence_is_net_of_the_votes_bought():
    _, row, _ = office(0, math.inf)
    assert row["influence"] == near(row["legitimacy"] - row["spent"])


def test_no_votes_cost_nothing_at_any_price():
    _, row, _ = office(9, 1.0, price=math.inf)
    assert math.isfinite(row["spent"])


@pytest.mark.parametrize("coordination", [0.0, 0.9])
def test_a_bloc_demands_what_the_losers_bid_last_year(coordination):
    # From the second year on the free demand a power's highest losing bid of the year before, times coordination.
    phi = 0.1

    def offers(**settings):
        scenario = world(
            rivals({"capability": 0.5}),
            years=2,
            states={"count": 10},
            custom={"shop": SHOP},
            world={"posted_share": phi, **settings},
        )
        model = run(scenario)
        return events(model, "offered"), deals(model)

    alone, struck = offers()
    together, _ = offers(bloc={"coordination": coordination, "quorum": 0.5})
    taken = set(zip(struck["year"], struck["state"], struck["power"], strict=True))
    lost = {"h": 0.0, "r": 0.0}
    for row in alone.itertuples():
        if row.year == 2010 and (row.year, row.state, row.power) not in taken:
            lost[row.power] = max(lost[row.power], row.offer / phi)
    for before, row in zip(alone.itertuples(), together.itertuples(), strict=True):
        demand = coordination * lost[row.power] if row.year == 2011 else 0.0
        assert row.offer == near(min(before.offer / phi, max(before.offer, demand)))


# -- time paths of ties and of powers --


@pytest.mark.parametrize("delivers", [0.0, 1.0])
def test_beliefs_near_what_is_delivered(delivers):
    # mu_t = th + (1 - a)^t (mu_0 - th)
    powers = rivals({"belief_initial": 0.4, "reliability": delivers}, {"belief_initial": 0.4, "reliability": delivers})
    works = issue(kind="compatible", term=1)
    settings = {"belief_rate": 0.2, "belief_social": 0.3, "posted_share": 0.5}
    model = run(world(powers, [works], years=10, states={"count": 3}, world=settings))
    table = model.record.states()
    for power_name in ("h", "r"):
        path = table.groupby("year")[f"belief_{power_name}"].mean().to_numpy()
        t = np.arange(1, 11)
        assert path == near(delivers + 0.8**t * (0.4 - delivers))


@pytest.mark.slow
def test_beliefs_near_reliability_on_average():
    # E mu_t = pi + (1 - a)^t (mu_0 - pi) over replicates.
    pi, a, t = 0.7, 0.2, 6
    powers = rivals({"belief_initial": 1.0, "reliability": pi}, {"capability": 0.0})
    settings = {"belief_rate": a, "posted_share": 0.5}
    scenario = world(powers, [issue(kind="compatible", term=1)], years=t, world=settings)
    last = [run(scenario, replicate=n).record.states()["belief_h"].iloc[-1] for n in range(300)]
    assert agrees(last, pi + (1 - a) ** t * (1.0 - pi))


@pytest.mark.parametrize(("lag", "rate"), [(0, 0.3), (3, 0.3), (2, 1.0)])
def test_demonstration_comes_with_its_lag_and_nears_its_target(lag, rate):
    # r has all deals from the first year on, so E = 1 - trigger from the second; x = (1 - (1 - eta)^n) E after n years.
    trigger, strength = 0.25, 0.1
    settings = {
        "posted_share": 0.5,
        "valuation_spread": 0.0,
        "demonstration": {"rate": rate, "lag": lag, "trigger": trigger},
    }
    model = run(
        world(
            rivals({"capability": strength}),
            [issue(interest={"h": 0.5})],
            years=12,
            states={"count": 3},
            custom={"shop": SHOP},
            world=settings,
        )
    )
    offers = events(model, "offered").query("power == 'h'").groupby("year")["offer"].mean().to_numpy()
    n = np.maximum(0, np.arange(12) - lag)
    response = (1.0 - (1.0 - rate) ** n) * (1.0 - trigger)
    assert offers == near(0.5 * 0.5 * strength * (1.0 + response))


def test_without_demonstration_bids_do_not_answer():
    settings = {"posted_share": 0.5, "valuation_spread": 0.0, "demonstration": {"rate": 0.0, "lag": 0, "trigger": 0.0}}
    model = run(world(rivals({"capability": 0.1}), years=6, custom={"shop": SHOP}, world=settings))
    assert events(model, "offered").query("power == 'h'")["offer"].nunique() == 1


def test_capability_grows_from_the_second_year():
    model = run(world(rivals({"growth": 0.1, "ceiling": 2.0}), years=3))
    path = [row["capability"] for row in model.power_rows if row["power"] == "h"]
    second = 1.0 + 0.1 * 0.5
    assert path == [1.0, near(second), near(second + 0.1 * second * (1.0 - second / 2.0))]


def test_a_declining_power_turns_inward_once():
    # s_H falls from 1/2 to 1/3: f = 1 - (1/6) / (1/2) = 2/3 multiplies budget and acceptance.
    change = [{"path": "power.r.capability", "year": 1, "value": 2.0}]
    works = issue(acceptance={"h": 0.9})
    scenario = world(rivals({"inward_turn": 1.0}), [works], years=40, states={"count": 50}, change=change)
    model = run(scenario)
    rows = [row for row in model.power_rows if row["power"] == "h"]
    assert [row["budget"] for row in rows[:2]] == [1.0, near(2.0 / 3.0)]
    assert {row["openness"] for row in rows} == {1.0}
    later = model.record.events().query("year > 2010 and power == 'h'")
    asked, offered = (later["kind"] == "asked").sum(), (later["kind"] == "offered").sum()
    assert offered / asked == near(0.6, abs=4.0 * math.sqrt(0.24 / asked))


@pytest.mark.parametrize(("status", "handover"), [(0.0, 6), (4.0, 3)])
def test_public_goods_change_hands_at_parity(status, handover):
    # sigma_H = s_H, sigma_R = s_R + status ds_R: r's capability .5, .6, ... passes 1 in year 6; with status 4,
    # .444 + 4 (.444 - .412) = .575 passes s_H = .556 in year 3.
    change = [{"path": "power.r.capability", "year": year, "value": round(0.5 + 0.1 * year, 1)} for year in range(1, 9)]
    settings = {"public_goods": {"scale": 0.2, "status": status}}
    model = run(world(rivals(r={"capability": 0.5}), years=9, change=change, world=settings))
    shares = np.array([(0.5 + 0.1 * t) / (1.5 + 0.1 * t) for t in range(9)])
    sigma_r = shares + status * np.diff(shares, prepend=shares[0])
    expected = np.maximum(1.0 - shares, sigma_r)
    assert column(model, "public_goods") == near(0.2 * expected)
    paid_by_r = [
        t for t, row in enumerate(r for r in model.power_rows if r["power"] == "r") if row["public_goods"] > 0.0
    ]
    assert paid_by_r == list(range(np.flatnonzero(sigma_r > 1.0 - shares)[0], 9))
    assert paid_by_r[0] == handover


def test_what_is_not_delivered_is_neither_booked_nor_paid_and_stays_in_force():
    settings = {"posted_share": 0.5, "valuation_spread": 0.0}
    powers = rivals({"reliability": 0.0, "belief_initial": 1.0}, {"capability": 0.0})
    model = run(world(powers, [issue(interest={"r": 0.0})], world=settings))
    assert column(model, "terms").tolist() == [0.0]
    assert column(model, "holds_works").tolist() == ["h"]
    assert model.power_rows[0]["spent"] == 0.0
    assert len(events(model, "undelivered")) == len(deals(model)) == 1


@pytest.mark.parametrize(("pi", "correlation"), first_fast((0.7, 0.0), (0.7, 0.5), (0.4, 1.0)))
def test_powers_deliver_with_their_reliability_and_share_the_draw_as_often_as_said(pi, correlation):
    # For all clients at once; both deliver with probability c pi + (1 - c) pi^2.
    powers = rivals(*[{"reliability": pi, "belief_initial": 1.0}] * 2)
    settings = {"posted_share": 0.5, "valuation_spread": 0.0, "delivery_correlation": correlation}
    years = 1000
    model = run(world(powers, [issue(kind="compatible", term=1)], years=years, world=settings, states={"count": 2}))
    terms = column(model, "terms").reshape(years, 2)
    assert (terms[:, 0] == terms[:, 1]).all()
    for value, chance in ((1.0, correlation * pi + (1.0 - correlation) * pi * pi), (None, pi)):
        seen = terms[:, 0].mean() if value is None else (terms[:, 0] == value).mean()
        assert seen == near(chance, abs=4.0 * math.sqrt(chance * (1.0 - chance) / years))


def test_abandonment_costs_what_depends_on_the_power_that_fails():
    settings = {"abandonment": 2.0, "exposure_gain": 0.0, "exposure_loss": 0.0}
    powers = rivals({"reliability": 0.0})
    states = {"exposure": {"h": 0.4, "r": 0.1}}
    model = run(world(powers, [issue(interest={"h": 0.0, "r": 0.0})], states=states, world=settings))
    assert column(model, "shock") == near(-2.0 * 0.16 / 0.5)


def test_a_deal_that_is_not_renewed_costs_its_rollover():
    works = issue("loan", instrument="loan", term=2, interest={"r": 0.0})
    change = [{"path": "issue.loan.acceptance.h", "year": 1, "value": 0.0}]
    settings = {"posted_share": 0.5, "valuation_spread": 0.0, "rollover_cost": 0.1}
    states = {"need": {"mean": 1.5}}
    model = run(world(issues=[works], years=4, change=change, states=states, world=settings))
    assert column(model, "shock").tolist() == [0.0, 0.0, near(-0.1 * 1.5 * 0.5), 0.0]
    assert events(model, "expired")["year"].tolist() == [2012]


def test_shocks_cost_what_they_add_to_need():
    settings = {"shocks": {"own": 1.0, "common": 0.0, "size": 0.5}, "need_persistence": 0.5}
    model = run(world(years=3, world=settings))
    need = column(model, "need")
    assert need == near([1.5, 1.75, 1.875])
    assert column(model, "shock") == near(-0.5 * (need - 1.0))


def test_the_club_pays_its_rent_to_allies_alone():
    # lambda (B/2) N / allies = .2 * .5 * 4 / 2 = .2 per ally; it costs a tenth of the budget, and bids shrink by that.
    custom = {"ally": {"asks": "patron", "patron": "h", "declares": True}, "shop": SHOP}
    settings = {"club_cap": 1.0, "posted_share": 0.5, "valuation_spread": 0.0}
    model = run(
        world(
            rivals({"club_share": 0.2}),
            [issue(interest={"r": 0.5})],
            states={"count": 4},
            custom=custom,
            strategies={"mix": {"ally": 1.0, "shop": 1.0}},
            world=settings,
        )
    )
    table = model.record.states()
    assert table[table["strategy"] == "ally"]["club"].tolist() == [near(0.2)] * 2
    assert table[table["strategy"] == "shop"]["club"].tolist() == [0.0] * 2
    assert deals(model)["price"].to_numpy() == near(0.5 * 0.9)
    assert model.power_rows[0]["spent"] == near(0.1 + 0.45)


# -- budgets --


def test_claims_beyond_the_budget_are_scaled_to_it(tmp_path):
    # Nine of ten hold r's flag: its bids weigh 10 each, in all 100 budgets for the 10 there are.
    rows = "".join(f"X{i},1,{'r' if i else ''}\n" for i in range(10))
    states = table_file(tmp_path, "name,size,recognises\n" + rows)
    flag = issue("flag", "exclusive", instrument="recognition", interest={"h": 0.0})
    settings = {"posted_share": 1.0, "valuation_spread": 0.0}
    model = run(world(rivals(r={"capability": 0.3}), [flag], states=states, world=settings))
    row = next(row for row in model.power_rows if row["power"] == "r")
    assert row["spent"] == near(row["budget"])
    prices = deals(model).set_index("state")["price"]
    assert prices.tolist() == [near(row["budget"])] * 10


@pytest.mark.parametrize("replicate", range(3))
def test_spending_never_exceeds_the_budget(replicate):
    settings = {
        "world.demonstration": {"rate": 1.0, "lag": 0, "trigger": 0.0},
        "world.valuation_spread": 1.0,
        "world.posted_share": 1.0,
        "world.bloc": {"coordination": 1.0, "office_value": 100.0, "vote_price": 0.3, "captured": 0.0},
        "issue.recognition.arrival": 1.0,
        "states.size_sigma": 2.0,
    }
    model = run(rich(**settings), replicate=replicate)
    for row in model.power_rows:
        assert row["spent"] <= row["budget"] + 1e-9
    assert max(row["spent"] / row["budget"] for row in model.power_rows) > 0.5


# -- symmetry --


class MirroredLuck(Luck):
    """The luck of a world in which two powers, and left and right, have changed places."""

    def uniform(self, purpose):
        draws = super().uniform(purpose)
        if purpose in ("ideology", "ideology_start"):
            return 1.0 - draws
        return draws[..., ::-1] if draws.shape[-1:] == (2,) and self.has_powers(purpose) else draws

    def has_powers(self, purpose):
        scopes = ("start_state_power", "power", "state_power")
        return any(purpose in PURPOSES[scope] for scope in scopes)


def test_mirrored_powers_and_luck_mirror_the_results(monkeypatch):
    strong, weak = (
        {"capability": 1.2, "reliability": 0.8, "inward_turn": 0.5, "pressure": {"severity": 0.9, "cost": 0.02}},
        {"capability": 0.7, "reliability": 0.95, "channel": 0.6, "pressure": {"severity": 0.5, "cost": 0.1}},
    )
    stakes = {"trade": (0.2, 0.1), "loan": (0.1, 0.3), "network": (0.9, 0.5), "flag": (0.9, 0.7)}
    kinds = {"trade": "compatible", "loan": "divisible", "network": "divisible", "flag": "exclusive"}
    names = ("align_hegemon", "align_rising", "hedge", "play_field", "ana")

    def made(swapped):
        one, other = (weak, strong) if swapped else (strong, weak)
        order = (1, 0) if swapped else (0, 1)

        def pair(a, b):
            return dict(zip(("hegemon", "rising"), [(a, b)[n] for n in order], strict=True))

        issues = [
            issue(
                name,
                kind,
                interest={**pair(1.0, 0.9), "h": 0.0, "r": 0.0},
                stake=pair(*stakes[name]),
                acceptance=pair(0.6, 0.9),
                term=3 if name == "loan" else 0,
                instrument="loan" if name == "loan" else "network",
            )
            for name, kind in kinds.items()
        ]
        for each in issues:
            each["interest"] = {key: value for key, value in each["interest"].items() if len(key) > 1}
        mix = [names[n] for n in ((1, 0, 2, 3, 4) if swapped else range(5))]
        base = {"role": "hegemon"}, {"role": "rising"}
        powers = [
            {"name": name, **role, **settings}
            for name, role, settings in zip(("hegemon", "rising"), base, (one, other), strict=True)
        ]
        loud = {
            "world": {
                "posted_share": 0.5,
                "turnover": 0.3,
                "abandonment": 1.0,
                "belief_rate": 0.2,
                "insults": 0.5,
                "club_cap": 0.1,
                "outside_floor": 0.1,
                "legitimacy_affinity": 0.1,
                "loosen": 0.1,
                "sunk": 0.05,
                "demonstration": {"rate": 0.3, "lag": 1, "trigger": 0.0},
                "ask_cost": 0.02,
                "bid_cost": 0.01,
                "clause_term": 2,
                "public_goods": {"scale": 0.2},
                "delivery_correlation": 0.2,
                "bloc": {"coordination": 0.3},
                "learning": {"rate": 0.3},
            },
            "states": {
                "count": 8,
                "size_sigma": 1.0,
                "ideology": {"sigma": 0.2},
                "risk_aversion": 4.0,
                "exposure": pair(0.5, 0.2),
            },
        }
        return world(powers, issues, years=15, strategies={"mix": dict.fromkeys(mix, 1.0)}, **loud)

    here = run(made(swapped=False))
    with monkeypatch.context() as patch:
        patch.setattr("ana_sim.model.luck_of", MirroredLuck)
        there = run(made(swapped=True))
    one, other = here.record.states(), there.record.states()
    assert one["strategy"].nunique() == 5
    for name in ("payoff", "terms", "affinity", "club", "duplication", "asks", "pressure", "shock", "public_goods"):
        assert other[name].to_numpy() == near(one[name].to_numpy(), abs=1e-9)
    assert other["lean"].to_numpy() == near(-one["lean"].to_numpy(), abs=1e-9)
    for stem in ("share", "exposure", "belief", "affinity"):
        assert other[f"{stem}_rising"].to_numpy() == near(one[f"{stem}_hegemon"].to_numpy(), abs=1e-9)
        assert other[f"{stem}_hegemon"].to_numpy() == near(one[f"{stem}_rising"].to_numpy(), abs=1e-9)
    assert one["pressed"].any()
    assert one["share_hegemon"].sum() != near(one["share_rising"].sum())


def test_a_role_is_only_a_name():
    # Side, club, budget and pressure are stated; whoever is called the hegemon, the states fare alike.
    def outcome(first, second):
        powers = [
            power("x", first, side=1.0, capability=0.8, club_share=0.2, pressure={"severity": 0.5, "cost": 0.02}),
            power("y", second, side=-1.0, capability=1.1, pressure={"severity": 0.9, "cost": 0.05}),
        ]
        works = [
            issue("works", interest={"x": 1.0, "y": 1.0}, stake={"x": 0.8, "y": 0.6}),
            issue("flag", "exclusive", interest={"x": 1.0, "y": 1.0}, stake={"x": 0.9, "y": 0.9}),
        ]
        for each in works:
            each["interest"] = {"x": 1.0, "y": 1.0}
        scenario = world(
            powers,
            works,
            years=10,
            states={"count": 6, "ideology": {"sigma": 0.2}, "exposure": {"x": 0.3, "y": 0.2}},
            strategies={"mix": dict.fromkeys(("align_x", "align_y", "hedge", "play_field", "ana"), 1.0)},
            world={"posted_share": 0.5, "turnover": 0.3, "abandonment": 1.0, "club_cap": 0.1, "clause_term": 3},
        )
        return run(scenario).record.states()

    assert outcome("hegemon", "rising").equals(outcome("rising", "hegemon"))
    assert outcome("hegemon", "rising").equals(outcome("third", "third"))


def test_identical_strategies_differ_by_exactly_nothing():
    dials = {"asks": "all", "search": "stepwise", "counter_bids": True, "splits": True}
    scenario = rich(
        **{
            "world.learning.rate": 0.0,
            "strategies.custom": {"twin": dials, "other_twin": dials},
            "strategies.mix": {"ana": 1.0, "twin": 1.0, "hedge": 1.0},
        }
    )
    for name in scenario.state_names[:3]:
        one, twin, ana = (
            run(scenario, play={name: word}, by_state=True).counters for word in ("twin", "other_twin", "ana")
        )
        assert (one == twin).all()
        assert (one == ana).all()


# -- what shifts nothing --


def test_thirty_years_are_a_prefix_of_forty():
    short, long = run(rich(years=30)), run(rich(years=40))
    assert long.record.states()[: 30 * 6].equals(short.record.states())
    assert long.power_rows[: 30 * 2] == short.power_rows
    some = long.record.events()
    assert some[some["year"] < 2040].equals(short.record.events())


@pytest.mark.parametrize("rationality", [math.inf, 20.0])
def test_a_power_without_capability_and_interest_shifts_nothing(rationality):
    here = rich(**{"world.rationality": rationality})
    without = run(here)
    expected = without.record.states()
    for position in (0, 2):
        powers = plain(here)["power"]
        powers.insert(position, {"name": "ghost", "role": "third", "capability": 0.0})
        haunted = run(loaded(toml(plain(here, power=powers))))
        table = haunted.record.states()
        assert "share_ghost" in table
        assert table[expected.columns].equals(expected)
        assert [row for row in haunted.power_rows if row["power"] != "ghost"] == without.power_rows


def outsider(**settings):
    everyone = {"power.hegemon.excluded": ["S0007"], "power.rising.excluded": ["S0007"]}
    return run(rich(**{"states.count": 7, **everyone, **settings})), run(rich(**settings))


def test_a_state_that_all_exclude_shifts_nobody():
    with_it, without = outsider()
    table = with_it.record.states()
    assert table[table["state"] != "S0007"].reset_index(drop=True).equals(without.record.states())
    assert with_it.power_rows == without.power_rows


def test_a_state_that_all_exclude_is_not_counted():
    with_it, without = outsider()
    assert (with_it.counters == without.counters).all()


def test_deals_of_a_state_that_all_exclude_are_not_demonstrated(tmp_path):
    rows = "name,size,deal_works\nA,1,h\nB,1,r\n"
    settings = {"posted_share": 0.5, "demonstration": {"rate": 1.0, "lag": 0, "trigger": 0.0}}

    def offers(text, **excluded):
        states = table_file(tmp_path, text)
        model = run(world(rivals(excluded, excluded), states=states, world=settings))
        return events(model, "offered")["offer"].tolist()

    assert offers(rows + "Out,1,r\n", excluded=["Out"])[:2] == offers(rows)[:2]


def test_a_second_run_is_the_same_to_the_last_bit():
    one, two, other = run(rich()), run(rich()), run(rich(), rng=2)
    assert one.record.states().equals(two.record.states())
    assert one.record.events().equals(two.record.events())
    assert not one.record.states().equals(other.record.states())


# -- what tests have found, and that it stays mended --


def test_giving_up_a_rivals_treaty_keeps_the_pressers_own(tmp_path):
    states = {**table_file(tmp_path, "name,size,deal_trade\nA,1,h;r\n"), "exposure": {"h": 1.0}}
    trade = issue("trade", "compatible", stake={"h": 1.0}, arrival=0.0)
    powers = rivals({"pressure": {**SURE, "severity": 10.0}})
    model = run(world(powers, [trade, issue("works")], states=states, world={"turnover": 1.0, "sunk": 0.05}))
    assert events(model, "complied")["power"].tolist() == ["h"]
    assert column(model, "holds_trade").tolist() == ["h"]
    assert column(model, "pressure").tolist() == [near(-0.05)]


def test_each_compatible_deal_stays_until_its_own_term():
    trade = issue("trade", "compatible", term=3, acceptance={"h": 1.0, "r": 0.0})
    change = [
        {"path": "issue.trade.acceptance.r", "year": 1, "value": 1.0},
        {"path": "issue.trade.acceptance.h", "year": 1, "value": 0.0},
    ]
    model = run(world(issues=[trade], years=6, change=change, world={"posted_share": 0.5}))
    held = dict(zip(column(model, "year"), column(model, "holds_trade"), strict=True))
    assert "h" in held[2012]
    assert "h" not in held[2013]


class Meek(Strategy):
    """Gives in to whoever presses."""

    def __init__(self):
        super().__init__()
        self.heard = []

    def comply(self, view, demand):
        self.heard.append(demand)
        return True


def test_a_users_strategy_may_give_in_against_its_interest():
    works = issue(stake={"h": 1.0})
    powers = rivals({"capability": 0.2, "pressure": {**SURE, "severity": 0.0}})
    settings = {"posted_share": 0.5, "valuation_spread": 0.0}
    meek = Meek()
    model = run(world(powers, [works], world=settings), play=meek)
    assert [demand.power for demand in meek.heard] == ["h"]
    assert len(events(model, "complied")) == 1
    assert deals(model)["power"].tolist() == ["h"]


def test_a_substitutes_affinity_counts(tmp_path):
    text = "name,size,deal_bridge,ideology_h\nA,1,r,0.2\n"
    states = {**table_file(tmp_path, text), "exposure": {"h": 1.0}}
    bridge = issue("bridge", instrument="infrastructure", stake={"h": 1.0}, arrival=0.0)
    powers = rivals({"pressure": {**SURE, "severity": 10.0}})
    settings = {"turnover": 1.0, "posted_share": 0.5, "valuation_spread": 0.0}
    quiet = issue("works", interest={"h": 0.0, "r": 0.0})
    model = run(world(powers, [bridge, quiet], states=states, world=settings))
    assert deals(model)["issue"].tolist() == ["bridge"]
    assert column(model, "affinity").tolist() == [near(0.2)]


def test_a_state_that_all_come_to_exclude_is_outside_the_network():
    change = [{"path": f"power.{name}.excluded", "year": 1, "value": ["S0001"]} for name in ("h", "r")]
    model = run(world(years=2, states={"count": 4}, change=change))
    assert model.participants == 3
    assert model.network.degree(1) == 2


@pytest.mark.parametrize("weight", ["legitimacy_weight", "fatigue"])
def test_an_infinite_weight_on_nothing_does_not_matter(weight):
    works = issue(stake={"h": 1.0})
    powers = rivals({"pressure": {**SURE, "severity": 0.1, weight: math.inf}})
    model = run(world(powers, [works], states={"count": 5}, custom={"shop": SHOP}, world={"posted_share": 0.5}))
    assert len(events(model, "pressed")) == len(deals(model).query("power == 'r'"))


def test_a_stepwise_search_passes_over_a_patron_that_is_not_worth_asking():
    custom = {"loyal": {"asks": "patron_first", "patron": "h", "search": "stepwise"}}
    works = issue(acceptance={"h": 0.0, "r": 1.0})
    model = run(world(issues=[works], custom=custom, world={"posted_share": 0.5, "ask_cost": 0.01}))
    assert events(model, "asked")["power"].tolist() == ["r"]
