"""Small scenarios by hypothesis, in which anything may be on: the worlds of the properties."""

from __future__ import annotations

import math
from pathlib import Path

from hypothesis import strategies as st
from worlds import loaded, toml

from ana_sim.compiled import JIT_ENABLED

FOLDER = Path(__file__).parent
POWERS = ("alpha", "beta", "gamma", "delta", "epsilon")
MOST_POWERS = len(POWERS) if JIT_ENABLED else 3  # a split among five powers has 1287 options
ROLES = ("hegemon", "rising", "third", "region", "third")
KINDS = ("divisible", "compatible", "exclusive")
INSTRUMENTS = ("loan", "infrastructure", "network", "fta", "recognition")
STATES = ("S0001", "S0002", "S0003", "S0004")


def between(low, high):
    """A value between bounds: any hundredth of the way alike, or an odd one."""
    even = st.integers(0, 100).map(lambda part: low + (high - low) * part / 100)
    return st.one_of(even, even, even, st.floats(low, high))


unit = between(0.0, 1.0)


@st.composite
def some(draw, strategy):
    """A value, or 0 a part of the time."""
    return draw(strategy) if draw(st.integers(0, 3)) else 0.0


@st.composite
def pressures(draw):
    """A power that presses, or never does."""
    return {
        "severity": draw(some(between(0.0, 1.5))),
        "cost": draw(st.sampled_from([0.0, 0.02, 0.1, 0.0, math.inf])),
        "legitimacy_weight": draw(some(between(0.0, 0.3))),
        "fatigue": draw(between(0.0, 0.3)),
        "execution": draw(unit),
        "noise": draw(unit),
        "force_threshold": draw(st.sampled_from([0.1, 0.5, math.inf])),
        "success_rate": draw(unit),
    }


@st.composite
def all_powers(draw, least):
    """Powers of all roles, some of them friends, some that exclude a state."""
    counts = [count for count in (2, 1, 3, 2, 3, 4, 5, 3, 2, 0) if least <= count <= MOST_POWERS]
    names = POWERS[: draw(st.sampled_from(counts))]
    roles = draw(st.permutations(ROLES))
    powers = []
    for g, name in enumerate(names):
        others = [other for other in names if other != name]
        powers.append(
            {
                "name": name,
                "role": roles[g],
                "capability": draw(some(between(0.3, 2.0))),
                "growth": draw(between(-0.2, 0.2)),
                "ceiling": draw(st.sampled_from([3.0, math.inf])),
                "openness": draw(some(between(0.3, 1.0))),
                "generosity": draw(between(0.5, 2.0)),
                "inward_turn": draw(some(between(0.0, 5.0))),
                "club_share": draw(unit),
                "reliability": draw(between(0.3, 1.0)),
                "belief_initial": draw(between(0.0, 1.3)),
                "channel": draw(unit),
                "rivalry": {other: draw(between(0.0, 2.0)) for other in others if draw(st.booleans())},
                "friends": [other for other in others if draw(st.integers(0, 3)) == 0],
                "excluded": [state for state in STATES[:3] if draw(st.integers(0, 4)) == 0],
                "pressure": draw(pressures()),
            }
        )
    return powers


@st.composite
def all_issues(draw, names, least):
    """Issues of all kinds, for good or for a term."""
    issues = []
    for k in range(draw(st.sampled_from([count for count in (2, 1, 3, 4, 3, 2, 3, 1, 2, 0) if count >= least]))):
        issues.append(
            {
                "name": f"issue{k}",
                "kind": draw(st.sampled_from(KINDS)),
                "instrument": draw(st.sampled_from(INSTRUMENTS)),
                "arrival": draw(some(between(0.1, 1.0))),
                "need": draw(between(0.0, 2.0)),
                "term": draw(st.integers(0, 3)),
                "strategic": draw(between(0.0, 3.0)),
                "project": {"sigma": draw(unit)},
                "interest": {name: draw(between(0.2, 1.0)) for name in names if draw(st.integers(0, 4))},
                "stake": {name: draw(some(between(0.2, 1.0))) for name in names},
                "acceptance": {name: draw(between(0.2, 1.0)) for name in names},
            }
        )
    return issues


@st.composite
def all_dials(draw, names):
    """A strategy of one's own."""
    return {
        "asks": draw(st.sampled_from(["all", "patron", "patron_first"] if names else ["all"])),
        **({"patron": draw(st.sampled_from(names))} if names else {}),
        "order": draw(st.sampled_from(["expected", "hegemon_first", "rising_first"])),
        "search": draw(st.sampled_from(["all", "first", "stepwise"])),
        "counter_bids": draw(st.booleans()),
        "splits": draw(st.booleans()),
        "declares": draw(st.booleans()) if names else False,
        "caution": draw(st.sampled_from([0.0, 1.0, 2.0])),
        "allocation": draw(st.sampled_from(["best", "best", "best", "equal", "random"])),
    }


@st.composite
def all_strategies(draw, names):
    """A mix of strategies, built in and one's own."""
    custom = {
        "twin": {"asks": "all", "search": "stepwise", "counter_bids": True, "splits": True},
        "first": {"asks": "all", "search": "first", "counter_bids": True, "splits": True},
        "own": draw(all_dials(names)),
        "other": draw(all_dials(names)),
    }
    if names:
        custom["loyal"] = {"asks": "patron_first", "patron": names[0], "search": "first", "declares": True}
    words = ["shop", "hedge", "play_field", "ana", "abstain", "equidistant", "random", *custom]
    words += [f"align_{name}" for name in names]
    chosen = draw(st.lists(st.sampled_from(words), min_size=2, max_size=5, unique=True))
    return {
        "mix": dict.fromkeys(chosen, 1.0),
        "assignment": draw(st.sampled_from(["rotate", "size"])),
        "custom": custom,
    }


@st.composite
def all_changes(draw, names, issues):
    """Time paths: of the world, of the states' need, of powers and issues, and of who is dealt with at all."""
    paths = dict.fromkeys(
        (
            *("world.posted_share", "world.turnover", "world.outside_floor", "world.bloc.coordination"),
            *("world.bloc.captured", "world.exposure_gain", "world.size_pull", "world.learning.rate"),
            *("world.demonstration.rate", "world.insults", "states.need.mean", "states.need.innovation"),
            "states.ideology.sigma",
        ),
        unit,
    )
    paths |= {"world.linkage": st.booleans(), "world.rationality": between(0.0, 50.0)}
    paths |= {"world.clause_term": st.integers(0, 3), "world.memory_years": st.integers(0, 3)}
    for name in names[:1] + names[-1:]:
        stem = f"power.{name}"
        paths |= dict.fromkeys((f"{stem}.openness", f"{stem}.reliability", f"{stem}.pressure.severity"), unit)
        paths[f"{stem}.capability"] = between(0.0, 2.0)
        paths[f"{stem}.excluded"] = st.lists(st.sampled_from(STATES[:3]), unique=True)
        for issue in issues[:1]:
            paths |= dict.fromkeys((f"issue.{issue}.{word}.{name}" for word in ("interest", "stake")), unit)
    for issue in issues[:1]:
        paths |= {f"issue.{issue}.arrival": unit, f"issue.{issue}.term": st.integers(0, 3)}
    chosen = draw(st.lists(st.sampled_from(sorted(paths)), max_size=4, unique=True))
    return [{"path": path, "year": draw(st.integers(0, 4)), "value": draw(paths[path])} for path in chosen]


@st.composite
def all_states(draw, names, issues):
    """States that are drawn, or those of a table with deals in force, regions and strategies of their own."""
    tables = ["generated", str(FOLDER / "states.csv")] if "alpha" in names and "issue0" in issues else ["generated"]
    return {
        "source": draw(st.sampled_from(tables)),
        "count": draw(st.integers(3, 5)),
        "size_sigma": draw(between(0.0, 2.0)),
        "need": {"mean": draw(between(0.3, 2.0)), "innovation": draw(between(0.0, 0.5))},
        "resources": {"low": 0.0, "high": draw(between(0.5, 2.0))},
        "strategic": {"low": 0.0, "high": draw(between(0.0, 3.0))},
        "exposure": {name: {"low": 0.0, "high": draw(unit)} for name in names},
        "ideology": {"sigma": draw(between(0.0, 0.5))},
        "diplomatic_capacity": {"low": 0.1, "high": 1.0},
        "risk_aversion": draw(between(0.0, 8.0)),
    }


@st.composite
def worlds(draw, least=1):
    """Plain data of a small scenario: anything may be on.

    Parameters
    ----------
    least : int
        Fewest powers and fewest issues.
    """
    powers = draw(all_powers(least))
    names = [power["name"] for power in powers]
    issues = draw(all_issues(names, least))
    numbers = [issue["name"] for issue in issues]
    links = []
    if len(numbers) > 1 and draw(st.booleans()):
        links = [{"from": numbers[0], "to": numbers[1], "weight": draw(between(-1.0, 1.0))}]
    data = {
        "name": "generated",
        "base": "blank",
        "years": draw(st.sampled_from([6, 4, 5, 6, 3, 2, 4, 1]) if len(names) < 4 else st.integers(1, 2)),
        "world": {
            "posted_share": draw(unit),
            "outside_floor": draw(some(unit)),
            "valuation_spread": draw(unit),
            "rationality": draw(st.sampled_from([0.0, 5.0, math.inf, math.inf])),
            "linkage": draw(st.booleans()),
            "memory_years": draw(st.integers(0, 3)),
            "clause_term": draw(st.sampled_from([0, 1, 2, 3])),
            "clause_stake": draw(between(0.0, 0.5)),
            "ask_cost": draw(between(0.0, 0.04)),
            "bid_cost": draw(between(0.0, 0.05)),
            "split_cost": draw(between(0.0, 0.01)),
            "abandonment": draw(between(0.0, 1.5)),
            "duplication": draw(between(0.0, 0.03)),
            "club_cap": draw(between(0.0, 0.2)),
            "size_pull": draw(between(0.0, 2.0)),
            "exposure_gain": draw(unit),
            "exposure_loss": draw(unit),
            "belief_rate": draw(unit),
            "belief_social": draw(unit),
            "delivery_correlation": draw(unit),
            "turnover": draw(some(between(0.2, 1.0))),
            "insults": draw(some(between(0.0, 5.0))),
            "switch_cost": draw(some(between(0.0, 0.1))),
            "rollover_cost": draw(between(0.1, 0.5)),
            "sunk": draw(some(between(0.0, 0.2))),
            "loosen": draw(unit),
            "network": draw(st.sampled_from(["complete", "ring", "regions", str(FOLDER / "edges.csv")])),
            "demonstration": {"rate": draw(some(unit)), "lag": draw(st.integers(0, 2)), "trigger": draw(unit)},
            "public_goods": {"scale": draw(unit), "status": draw(between(0.0, 3.0))},
            "shocks": {"own": draw(unit), "common": draw(unit), "size": draw(unit)},
            "bloc": {
                "members": draw(st.just("all") | st.lists(st.sampled_from(STATES[:3]), max_size=3, unique=True)),
                "quorum": draw(unit),
                "coordination": draw(some(unit)),
                "captured": draw(unit),
                "office_value": draw(some(between(0.0, 2.0))),
                "vote_price": draw(unit),
            },
            "learning": {
                "rate": draw(some(unit)),
                "strength": draw(st.sampled_from([0.0, 5.0, 100.0])),
                "mutation": draw(st.sampled_from([0.0, 0.3])),
                "smoothing": draw(between(0.1, 1.0)),
            },
        },
        "states": draw(all_states(names, numbers)),
        "strategies": draw(all_strategies(names)),
        "power": powers,
        "issue": issues,
        "link": links,
        "change": draw(all_changes(names, numbers)),
    }
    return draw(st.sampled_from([data, lively(data)]))


def lively(data):
    """The same world with powers that all bid, and states that ask them all: so that the rare things happen too."""
    powers = [{**power, "capability": 1.0, "openness": 1.0, "excluded": [], "friends": []} for power in data["power"]]
    interest = {power["name"]: 1.0 for power in powers}
    return {
        **data,
        "world": {**data["world"], "turnover": 0.5, "rationality": math.inf, "clause_stake": 0.1},
        "strategies": {**data["strategies"], "mix": dict.fromkeys(("shop", "hedge", "play_field", "ana"), 1.0)},
        "power": powers,
        "issue": [{**issue, "interest": interest, "acceptance": {}} for issue in data["issue"]],
    }


def made(data):
    """The scenario of plain data."""
    return loaded(toml(data))
