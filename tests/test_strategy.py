"""A student's strategy: dials, decisions of one's own, what is refused, and where it may come from."""

from functools import cache

import numpy as np
import pytest

from ana_sim import AnaModel, Scenario, Strategy
from ana_sim.errors import AnaSimError
from ana_sim.strategy import StrategyError, View, find_strategy

SMALL = Scenario.load("bipolar").replace({"states.count": 6, "years": 6})


def counters(play, scenario=SMALL, seed=3):
    return AnaModel(scenario, rng=seed, play=play, by_state=True, collect=False).run().counters


class Shop(Strategy):
    pass


class ShopByHand(Strategy):
    """The same as ``shop``, every decision taken in Python."""

    def next_ask(self, view, offers):
        return view.can_ask[0] if view.can_ask else None

    def choose(self, view, offers):
        return super().choose(view, offers)

    def comply(self, view, demand):
        return super().comply(view, demand)


class PlayByHand(Strategy):
    search = "stepwise"
    counter_bids = True

    def next_ask(self, view, offers):
        gains = {power: view.asking_gain(power) for power in view.can_ask}
        best = max(gains, key=gains.get, default=None)
        return best if best is not None and gains[best] > view.ask_cost else None


@pytest.mark.parametrize(("own", "built_in"), [(Shop, "shop"), (ShopByHand, "shop"), (PlayByHand, "play_field")])
def test_strategy_in_python_equals_the_same_dials(own, built_in):
    np.testing.assert_array_equal(counters(own), counters(built_in))


def test_decisions_of_ones_own_are_followed():
    class Submissive(Strategy):
        asks, declares = "all", False

        def choose(self, view, offers):
            return {"rising": 1.0} if "rising" in offers else {}

        def comply(self, view, demand):
            return True

    model = AnaModel(SMALL, rng=1, play=Submissive, record=True, collect=False).run()
    rows = model.tally.rows(model.counters)
    played = [strategy.name for strategy in model.strategies].index("Submissive")
    assert rows["share_rising"][played] > 0.0
    events = model.record.events()
    pressed_by_hegemon = events[(events.kind == "resisted") & (events.power == "hegemon")]
    assert pressed_by_hegemon.empty


def test_view_tells_what_the_state_knows():
    seen = []

    class Watcher(Strategy):
        def next_ask(self, view, offers):
            seen.append(
                {name: getattr(view, name) for name in dir(View) if isinstance(getattr(View, name), property)}
                | {"gain": view.asking_gain("hegemon") if "hegemon" in view.can_ask else 0.0}
            )
            return super().next_ask(view, offers)

    AnaModel(SMALL, rng=1, play={"S0001": Watcher}, collect=False).run()
    first = seen[0]
    assert first["state"] == "S0001"
    assert first["year"] == SMALL.start
    assert first["kind"] in ("compatible", "divisible", "exclusive")
    assert set(first["belief"]) == {"hegemon", "rising"}
    assert all(0.0 <= chance <= 1.0 for row in seen for chance in row["chance"].values())
    assert any(row["asked"] for row in seen)


def test_view_is_read_only():
    class Meddler(Strategy):
        def choose(self, view, offers):
            view.need = 0.0
            return {}

    with pytest.raises(StrategyError, match=r"choose failed: AttributeError.* \(test_strategy\.py, line \d+\)$"):
        counters(Meddler)


def test_an_error_in_what_is_no_plain_method_is_a_line_too():
    class Remembering(Strategy):
        next_ask = cache(Shop.next_ask)  # which has no code of its own, and cannot remember offers

    with pytest.raises(StrategyError, match=r"next_ask failed: TypeError: unhashable type: 'dict'$"):
        counters(Remembering)


def test_an_error_in_a_users_file_is_named_by_its_line(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(
        "import json\n"
        "from ana_sim import Strategy\n\n\n"
        "class Mine(Strategy):\n"
        "    def choose(self, view, offers):\n"
        "        return self.best(offers)\n\n"
        "    def best(self, offers):\n"
        "        return json.loads('no')\n",
        encoding="utf-8",
    )
    with pytest.raises(StrategyError, match=r"choose failed: JSONDecodeError: .* \(mine\.py, line 10\)$"):
        counters({"S0001": f"{file}:Mine"})


@pytest.mark.parametrize(
    ("chosen", "reason"),
    [
        ({"risng": 1.0}, "did you mean 'rising'"),
        ({"rising": 1.5}, "not between 0 and 1"),
        ({"rising": float("nan")}, "not between 0 and 1"),
        ({"rising": "all"}, "not between 0 and 1"),
        (["rising"], "must return"),
        ({"hegemon": 0.75, "rising": 0.75}, "more than 1|shares are 0 or 1|has not offered"),
        (None, "must return"),
    ],
)
def test_wrong_shares_are_refused_in_one_line(chosen, reason):
    class Wrong(Strategy):
        def choose(self, view, offers):
            return chosen if offers else {}

    with pytest.raises(StrategyError, match=reason) as caught:
        counters(Wrong)
    assert "\n" not in str(caught.value)
    assert "Wrong" in str(caught.value)


@pytest.mark.parametrize("splits", [False, True])
def test_the_winner_of_counter_bids_is_not_passed_over(splits):
    """Neither by a class that takes the dearest offer, nor by one that asks for the loser by name."""

    class Fielding(Strategy):
        counter_bids = True

        def choose(self, view, offers):
            if view.winner is None:
                return super().choose(view, offers)
            met.append((view.winner, dict(offers)))
            return super().choose(view, offers)

    class Disloyal(Fielding):
        def choose(self, view, offers):
            losers = [name for name in view.asked if view.winner not in (None, name) and name not in view.refused]
            if not losers or view.kind != "divisible":
                return super().choose(view, offers)
            return {view.winner: 0.05, losers[0]: 0.95}

    Fielding.splits = splits
    met = []
    counters(Fielding)
    assert met
    for winner, offers in met:
        assert winner in offers
        assert splits or set(offers) == {winner}
    with pytest.raises(
        StrategyError, match="won the counter-bids, so others" if splits else "has lost the counter-bids"
    ):
        counters(Disloyal)


def test_asking_an_unknown_power_is_refused_and_asking_twice_ends_the_search():
    class Lost(Strategy):
        def next_ask(self, view, offers):
            return "hegemony"

    class Stubborn(Strategy):
        def next_ask(self, view, offers):
            return "hegemon"

    with pytest.raises(StrategyError, match="did you mean 'hegemon'"):
        counters(Lost)
    model = AnaModel(SMALL, rng=1, play=Stubborn, record=True, collect=False).run()
    asked = model.record.events().query("kind == 'asked'")
    assert set(asked.power) == {"hegemon"}
    assert not asked.duplicated(["year", "state"]).any()


def test_strategy_from_a_file(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        "from ana_sim import Strategy\n\n\nclass Field(Strategy):\n    search = 'stepwise'\n    counter_bids = True\n"
    )
    np.testing.assert_array_equal(counters(f"{path}:Field"), counters("play_field"))
    with pytest.raises(AnaSimError, match="did you mean 'Field'"):
        find_strategy(f"{path}:Feild", SMALL)
    path.write_text("def broken(:\n")
    with pytest.raises(AnaSimError, match="SyntaxError") as caught:
        find_strategy(f"{path}:Field", SMALL)
    assert "\n" not in str(caught.value)
    with pytest.raises(AnaSimError, match="no such file"):
        find_strategy(f"{tmp_path / 'none.py'}:Field", SMALL)


def test_patron_may_be_named_by_role():
    class Loyal(Strategy):
        asks, patron, declares = "patron", "hegemon", True

    scenario = Scenario.load("latin_america").replace({"years": 3})
    np.testing.assert_array_equal(counters({"ECU": Loyal}, scenario), counters({"ECU": "align_usa"}, scenario))
    np.testing.assert_array_equal(
        counters({"ECU": "align_hegemon"}, scenario), counters({"ECU": "align_usa"}, scenario)
    )
    Loyal.patron = "nobody"
    with pytest.raises(StrategyError, match="nobody"):
        counters({"ECU": Loyal}, scenario)
