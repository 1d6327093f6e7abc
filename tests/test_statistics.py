"""Paired inference: closed forms, other implementations, and what must hold for any table of payoffs."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from pandas.testing import assert_frame_equal
from scipy import stats

from ana_sim.statistics import (
    bca_interval,
    certainty_equivalent,
    expected_shortfall,
    hedges_g_av,
    holm,
    paired_regret,
    paired_t,
    summarise,
    superiority,
    t_means,
    wilson_interval,
)
from ana_sim.summary_text import decimals, format_table
from ana_sim.tally import COMPONENTS

SHIFTS = {"align_hegemon": 0.0, "hedge": 0.02, "play_field": -0.03, "ana": 0.05}


def synthetic(shifts: dict[str, float], replicates: int = 12, states: int = 4, seed: int = 3) -> pd.DataFrame:
    """Payoffs around 0.3: luck of the pair shared by all strategies, a shift and noise in `terms`."""
    rng = np.random.default_rng(seed)
    luck = rng.normal(0.0, 0.1, (replicates, states))
    frames = []
    for strategy, shift in shifts.items():
        parts = np.zeros((replicates, states, len(COMPONENTS)))
        parts[..., COMPONENTS.index("terms")] = 0.4 + shift + rng.normal(0.0, 0.02, (replicates, 1))
        parts[..., COMPONENTS.index("asks")] = -0.1
        parts[..., COMPONENTS.index("shock")] = luck
        frame = pd.DataFrame(parts.reshape(-1, len(COMPONENTS)), columns=list(COMPONENTS))
        frame["payoff"] = frame.sum(axis=1)
        frame["strategy"] = strategy
        frame["replicate"] = np.repeat(np.arange(replicates), states)
        frame["state"] = frame["deviator"] = np.tile([f"S{i}" for i in range(states)], replicates)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def tiny(payoffs: dict[str, list[float]], replicate: list[int]) -> pd.DataFrame:
    """Payoffs written by hand, all of them terms."""
    rows = [
        dict.fromkeys(COMPONENTS, 0.0) | {"strategy": s, "replicate": r, "deviator": f"S{i}", "payoff": x, "terms": x}
        for s, values in payoffs.items()
        for i, (r, x) in enumerate(zip(replicate, values, strict=True))
    ]
    return pd.DataFrame(rows)


class TestBca:
    @pytest.mark.parametrize("size", [8, 30, 200])
    def test_agrees_with_scipy(self, size: int) -> None:
        values = np.random.default_rng(size).exponential(size=size)
        own = bca_interval(values, resamples=60_000, seed=1)
        other = stats.bootstrap(
            (values,), np.mean, method="BCa", batch=5_000, n_resamples=60_000, rng=2
        ).confidence_interval
        assert_allclose(own, other, atol=0.06 * values.std() / math.sqrt(size))

    def test_skew_moves_it_to_the_long_tail(self) -> None:
        values = np.random.default_rng(5).exponential(size=40)
        low, high = bca_interval(values, resamples=10_000)
        assert high - values.mean() > 1.1 * (values.mean() - low)

    def test_turns_with_the_sign(self) -> None:
        values = np.random.default_rng(5).exponential(size=40)
        low, high = bca_interval(values)
        assert_allclose(bca_interval(-values), (-high, -low), rtol=1e-3)

    def test_coverage(self) -> None:
        rng = np.random.default_rng(11)
        covers = [
            low <= 0.0 <= high
            for low, high in (bca_interval(rng.normal(size=50), resamples=600, seed=trial) for trial in range(600))
        ]
        assert 0.91 < np.mean(covers) < 0.975

    def test_wider_at_a_higher_level(self) -> None:
        values = np.random.default_rng(0).normal(size=30)
        narrow, wide = bca_interval(values, level=0.8), bca_interval(values, level=0.99)
        assert wide[0] < narrow[0] < narrow[1] < wide[1]

    def test_degenerate(self) -> None:
        assert bca_interval([0.25] * 7) == (0.25, 0.25)
        assert bca_interval([0.0] * 7) == (0.0, 0.0)
        assert np.isnan(bca_interval([0.25])).all()
        assert_allclose(bca_interval([1.0, 3.0]), (1.0, 3.0))

    def test_rounding_is_not_luck(self) -> None:
        low, high = bca_interval([0.1, 0.1 + 1e-16, 0.1 - 1e-16, 0.1])
        assert low == high

    def test_drawing_in_blocks_changes_nothing_but_memory(self, monkeypatch: pytest.MonkeyPatch) -> None:
        values = np.random.default_rng(0).normal(size=10)
        whole = bca_interval(values)
        monkeypatch.setattr("ana_sim.statistics._BLOCK", 1000)
        assert_allclose(bca_interval(values), whole, rtol=0.2)

    @pytest.mark.parametrize("wrong", [{"level": 1.0}, {"level": 0.0}, {"resamples": 0}])
    def test_refuses(self, wrong: dict[str, float]) -> None:
        with pytest.raises(ValueError, match="="):
            bca_interval([1.0, 2.0], **wrong)
        with pytest.raises(ValueError, match="finite"):
            bca_interval([1.0, math.nan])


class TestTests:
    def test_t_agrees_with_scipy(self) -> None:
        rng = np.random.default_rng(0)
        x, y = rng.normal(0.3, 1.0, (2, 25))
        assert_allclose(paired_t(x - y), stats.ttest_rel(x, y).pvalue, rtol=1e-12)
        far = rng.normal(50.0, 1.0, 25)
        assert_allclose(paired_t(far), stats.ttest_1samp(far, 0.0).pvalue, rtol=1e-9)

    def test_t_degenerate(self) -> None:
        assert paired_t([0.0, 0.0, 0.0]) == 1.0
        assert paired_t([0.2, 0.2, 0.2]) == 0.0
        assert math.isnan(paired_t([0.2]))

    def test_holm_by_hand(self) -> None:
        assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
        assert_allclose(holm([0.5, 0.9]), [1.0, 1.0])
        assert_allclose(holm([0.02, math.nan, 0.01]), [0.02, math.nan, 0.02])
        assert holm([]).size == 0

    def test_holm_refuses(self) -> None:
        with pytest.raises(ValueError, match="between 0 and 1"):
            holm([0.1, 1.2])

    @given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=9))
    def test_holm_never_below_raw_nor_above_bonferroni(self, p: list[float]) -> None:
        adjusted = holm(p)
        assert (adjusted >= np.asarray(p)).all()
        assert (adjusted <= np.minimum(1.0, len(p) * np.asarray(p))).all()


class TestEffects:
    def test_g_av_by_hand(self) -> None:
        x, y = np.array([1.0, 3.0, 5.0]), np.array([0.0, 1.0, 2.0])  # sd 2 and 1, difference 2
        correction = math.gamma(1.0) / (math.sqrt(1.0) * math.gamma(0.5))
        assert hedges_g_av(x, y) == pytest.approx(correction * 2.0 / math.sqrt(2.5))

    def test_g_av_correction_nears_hedges_approximation(self) -> None:
        x = np.random.default_rng(0).normal(size=40)
        assert hedges_g_av(x + 1.0, x) == pytest.approx((1.0 - 3.0 / (4.0 * 39.0 - 1.0)) / x.std(ddof=1), rel=1e-3)

    def test_g_av_degenerate(self) -> None:
        assert hedges_g_av([1.0, 2.0, 4.0], [1.0, 2.0, 4.0]) == 0.0
        assert math.isnan(hedges_g_av([1.0, 1.0, 1.0], [0.0, 0.0, 0.0]))
        assert math.isnan(hedges_g_av([1.0], [0.0]))

    def test_superiority(self) -> None:
        assert superiority([1, 2, 3, 4], [0, 2, 5, 1]) == 0.625
        assert superiority([1, 2], [1, 2]) == 0.5
        assert superiority([2, 2], [1, 1]) == 1.0
        assert superiority([1.0, 0.0], [0.0, 1.0], weights=[3.0, 1.0]) == 0.75
        with pytest.raises(ValueError, match="3 values against 2"):
            superiority([1, 2, 3], [1, 2])


class TestRisk:
    def test_certainty_equivalent_of_a_coin(self) -> None:
        expected = -0.5 * math.log((1.0 + math.exp(-2.0)) / 2.0)
        assert certainty_equivalent([0.0, 1.0], risk_aversion=2.0) == pytest.approx(expected, rel=1e-14)

    def test_certainty_equivalent_of_a_normal(self) -> None:
        x = stats.norm(0.3, 0.1).ppf((np.arange(100_000) + 0.5) / 100_000)
        assert certainty_equivalent(x) == pytest.approx(0.3 - 2.0 * 0.01, abs=1e-5)

    def test_certainty_equivalent_limits(self) -> None:
        assert certainty_equivalent([-1.0, 0.5], risk_aversion=0.0) == -0.25
        assert certainty_equivalent([-1e4, 5.0], risk_aversion=50.0) == pytest.approx(-1e4, rel=1e-5)
        assert certainty_equivalent([0.3] * 5) == pytest.approx(0.3)
        assert certainty_equivalent([0.3, 0.1], weights=[1.0, 0.0]) == pytest.approx(0.3)
        with pytest.raises(ValueError, match="risk_aversion = -1"):
            certainty_equivalent([0.1], risk_aversion=-1.0)

    def test_shortfall(self) -> None:
        assert expected_shortfall(np.arange(1, 101)[::-1], 0.05) == pytest.approx(3.0)
        assert expected_shortfall([3.0, 1.0, 2.0], 0.05) == pytest.approx(1.0)
        assert expected_shortfall([0.0, 1.0, 2.0, 3.0], 0.375) == pytest.approx(0.125 / 0.375)
        assert expected_shortfall([3.0, 1.0, 2.0], 1.0) == pytest.approx(2.0)
        assert expected_shortfall([0.0, 1.0], 0.5, weights=[1.0, 3.0]) == pytest.approx(0.5)
        with pytest.raises(ValueError, match="share = 0"):
            expected_shortfall([1.0], 0.0)

    def test_regret(self) -> None:
        payoffs = tiny({"a": [1.0, 5.0], "b": [2.0, 3.0]}, [0, 1])
        payoffs.index = pd.Index([7, 7, 8, 9])
        regret = paired_regret(payoffs)
        assert regret.name == "regret"
        assert regret.index.tolist() == [7, 7, 8, 9]
        assert regret.tolist() == [1.0, 0.0, 0.0, 2.0]


class TestSummarise:
    def test_by_hand_replicates_weigh_the_same(self) -> None:
        payoffs = tiny({"base": [0.0, 0.0, 0.0, 0.0], "own": [1.0, 2.0, 3.0, -1.0]}, [0, 0, 0, 1])
        summary = summarise(payoffs, "base").set_index("strategy")
        own = summary.loc["own"]
        assert own["n_replicates"] == 2
        assert own["n_pairs"] == 4
        assert own["difference"] == own["payoff"] == own["terms"] == own["d_terms"] == 0.5
        assert own["superiority"] == pytest.approx(0.5)
        assert own["tail_5"] == pytest.approx(-1.0)
        assert own["regret"] == pytest.approx(0.5)
        assert summary.loc["base", "regret"] == pytest.approx(1.0)
        assert own["p"] == pytest.approx(stats.ttest_1samp([2.0, -1.0], 0.0).pvalue)
        assert (own["low"], own["high"]) == pytest.approx((-1.0, 2.0))

    def test_clusters_are_the_sample(self) -> None:
        """Copying every state adds pairs but no evidence."""
        payoffs = synthetic(SHIFTS)
        copies = payoffs.assign(deviator=payoffs["deviator"] + "x", state=payoffs["state"] + "x")
        columns = [
            "difference",
            "low",
            "high",
            "p",
            "p_holm",
            "superiority",
            "certainty_equivalent",
            "regret",
        ]
        once = summarise(payoffs, "align_hegemon")
        twice = summarise(pd.concat([payoffs, copies]), "align_hegemon")
        assert (twice["n_pairs"] == 2 * once["n_pairs"]).all()
        assert_allclose(twice[columns], once[columns], rtol=1e-10)

    def test_known_answer(self) -> None:
        payoffs = synthetic(SHIFTS, replicates=40)
        summary = summarise(payoffs, "align_hegemon").set_index("strategy")
        wide = payoffs.pivot_table(index=["replicate", "deviator"], columns="strategy", values="payoff")
        means = wide.groupby("replicate").mean()
        for name in SHIFTS:
            row = summary.loc[name]
            assert row["payoff"] == pytest.approx(wide[name].mean())
            assert row["regret"] == pytest.approx((wide.max(axis=1) - wide[name]).mean())
            assert row["difference"] == pytest.approx(row["payoff"] - summary.loc["align_hegemon", "payoff"])
            assert row["difference"] == pytest.approx(sum(row[f"d_{c}"] for c in COMPONENTS))
            assert row["payoff"] == pytest.approx(sum(row[c] for c in COMPONENTS))
            if name != "align_hegemon":
                test = stats.ttest_rel(means[name], means["align_hegemon"])
                assert row["p"] == pytest.approx(test.pvalue)
                assert row["low"] < row["difference"] < row["high"]
                interval = test.confidence_interval()
                assert_allclose([row["low"], row["high"]], interval, atol=0.15 * (interval[1] - interval[0]))
        others = summary.drop("align_hegemon")
        assert_allclose(others["p_holm"], holm(others["p"]))

    def test_best_first_and_self_describing(self) -> None:
        summary = summarise(synthetic(SHIFTS), "hedge", level=0.9)
        assert summary["payoff"].is_monotonic_decreasing
        assert summary["strategy"].iloc[0] == "ana"
        assert (summary["baseline"] == "hedge").all()
        assert (summary["level"] == 0.9).all()

    @given(st.integers(0, 2**31))
    @settings(max_examples=10, deadline=None)
    def test_order_of_rows_does_not_matter(self, seed: int) -> None:
        payoffs = synthetic(SHIFTS)
        shuffled = payoffs.sample(frac=1.0, random_state=np.random.default_rng(seed))
        assert_frame_equal(summarise(payoffs, "align_hegemon"), summarise(shuffled, "align_hegemon"), check_exact=True)

    def test_other_strategies_do_not_matter(self) -> None:
        payoffs = synthetic(SHIFTS)
        pair = payoffs[payoffs["strategy"].isin(["align_hegemon", "ana"])]
        columns = [
            "payoff",
            "difference",
            "low",
            "high",
            "p",
            "superiority",
            "certainty_equivalent",
            "tail_5",
        ]
        whole = summarise(payoffs, "align_hegemon").set_index("strategy").loc["ana", columns]
        part = summarise(pair, "align_hegemon").set_index("strategy").loc["ana", columns]
        assert whole.tolist() == part.tolist()

    def test_identical_strategies_differ_by_exactly_nothing(self) -> None:
        payoffs = synthetic({"align_hegemon": 0.0, "hedge": 0.01})
        twin = payoffs[payoffs["strategy"] == "align_hegemon"].assign(strategy="twin")
        summary = summarise(pd.concat([payoffs, twin]), "align_hegemon").set_index("strategy")
        for name in ("align_hegemon", "twin"):
            row = summary.loc[name]
            zeros = ["difference", "low", "high", "effect_size", *(f"d_{c}" for c in COMPONENTS)]
            assert (row[zeros] == 0.0).all()
            assert row["p"] == row["p_holm"] == 1.0
            assert row["superiority"] == 0.5

    def test_one_replicate_has_no_interval(self) -> None:
        summary = summarise(synthetic(SHIFTS, replicates=1), "align_hegemon")
        assert summary[["low", "high", "p"]].isna().all(axis=None)
        assert summary["difference"].notna().all()

    def test_everyone_at_once(self) -> None:
        """`deviator` may be the word all, missing, or empty; then state or nothing tells the pairs apart."""
        payoffs = synthetic(SHIFTS)
        columns = ["difference", "low", "high", "p_holm", "superiority"]
        expected = summarise(payoffs, "align_hegemon")[columns]
        for other in (
            payoffs.assign(deviator="all"),
            payoffs.assign(deviator=None),
            payoffs.drop(columns="deviator"),
        ):
            assert_frame_equal(summarise(other, "align_hegemon")[columns], expected, check_exact=True)

    def test_points_share_the_luck_of_a_replicate(self) -> None:
        payoffs = synthetic(SHIFTS)
        both = pd.concat([payoffs.assign(point=0), payoffs.assign(point=1)])
        summary = summarise(both, "align_hegemon")
        assert (summary["n_replicates"] == 12).all()
        assert (summary["n_pairs"] == 96).all()

    @pytest.mark.parametrize(
        ("spoil", "message"),
        [
            (
                lambda t: t[t["strategy"] != "hedge"],
                "baseline 'hedge' is not among .*: align_hegemon, ana, play",
            ),
            (lambda t: t.iloc[1:], "strategy align_hegemon has no payoff at replicate 0, deviator S0"),
            (lambda t: pd.concat([t, t.iloc[:1]]), "two payoffs .* replicate 0"),
            (lambda t: t.assign(club=math.nan), "club is not a finite number at replicate 0"),
            (lambda t: t.drop(columns=["payoff", "club"]), "column missing from the table: payoff, club"),
            (lambda t: t.iloc[:0], "empty"),
        ],
    )
    def test_refuses(self, spoil, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            summarise(spoil(synthetic(SHIFTS)), "hedge")


class TestTable:
    def test_says_what_the_summary_says(self) -> None:
        summary = summarise(synthetic(SHIFTS, replicates=40), "align_hegemon")
        text = format_table(summary)
        lines = text.splitlines()
        assert max(map(len, lines)) <= 100
        assert "40 replicates, 160 paired cases" in text
        assert "too narrow" not in text
        rows = [line.split()[0] for line in lines if line.split() and line.split()[0] in SHIFTS]
        order = summary["strategy"].tolist()
        assert rows == order + [name for name in order if name != "align_hegemon"]
        ana = summary.set_index("strategy").loc["ana"]
        line = next(line for line in lines if line.startswith("ana"))
        assert f"{ana['difference']:+.3f}  [{ana['low']:+.3f}, {ana['high']:+.3f}]" in line
        assert f"{100 * ana['superiority']:.0f}%" in line
        why = lines[lines.index(next(line for line in lines if line.startswith("Why"))) :]
        assert f"{ana['d_terms']:+.3f}" in next(line for line in why if line.startswith("ana"))

    def test_keeps_the_order_given(self) -> None:
        summary = summarise(synthetic(SHIFTS), "align_hegemon").iloc[::-1]
        lines = format_table(summary).splitlines()
        names = [line.split()[0] for line in lines if line.split() and line.split()[0] in SHIFTS]
        assert names[: len(SHIFTS)] == summary["strategy"].tolist()

    def test_warns_of_few_replicates(self) -> None:
        assert "Only 2 replicates" in format_table(summarise(synthetic(SHIFTS, 2), "ana"))
        alone = format_table(summarise(synthetic(SHIFTS, 1), "ana"))
        assert "no interval" in alone
        assert "nan" not in alone

    def test_decimals(self) -> None:
        assert decimals([0.2, -0.05]) == 3
        assert decimals([0.0, -0.00042]) == 5
        assert decimals([0.0]) == 3
        assert decimals([1e-9]) == 6

    def test_refuses(self) -> None:
        summary = summarise(synthetic(SHIFTS), "ana")
        with pytest.raises(ValueError, match="p_holm"):
            format_table(summary.drop(columns="p_holm"))
        with pytest.raises(ValueError, match="empty"):
            format_table(summary.iloc[:0])


# ---------------------------------------------------------------------------------------------------------
# many rows at once, and shares


def test_t_means_are_those_of_scipy_row_by_row():
    rng = np.random.default_rng(1)
    rows = rng.normal(0.2, 1.0, (5, 7))
    rows[1, 2:] = np.nan
    rows[2, 1:] = np.nan
    rows[3] = np.nan
    rows[4] = 0.25
    found = t_means(rows, level=0.9)
    for place in (0, 1):
        known = rows[place][np.isfinite(rows[place])]
        right = stats.ttest_1samp(known, 0.0)
        assert_allclose(found.p[place], right.pvalue)
        assert_allclose((found.low[place], found.high[place]), right.confidence_interval(0.9))
        assert_allclose(found.p[place], paired_t(known))
    assert found.mean[2] == rows[2, 0]
    assert np.isnan([found.p[2], found.low[2], found.mean[3], found.p[3]]).all()
    assert (found.mean[4], found.low[4], found.high[4], found.p[4]) == (0.25, 0.25, 0.25, 0.0)
    assert t_means(np.zeros((1, 3))).p.tolist() == [1.0]
    with pytest.raises(ValueError, match="rows of numbers"):
        t_means([1.0, 2.0])
    with pytest.raises(ValueError, match=r"level = 1\.0"):
        t_means(rows, level=1.0)


@pytest.mark.parametrize(("cases", "size"), [(0, 5), (3, 4), (50, 100), (7, 7)])
def test_wilson_interval_is_that_of_scipy(cases, size):
    right = stats.binomtest(cases, size).proportion_ci(method="wilson")
    assert_allclose(wilson_interval(cases / size, size), (right.low, right.high), atol=1e-12)


@pytest.mark.parametrize(("share", "size"), [(-0.1, 5), (1.1, 5), (0.5, 0.0), (math.nan, 5)])
def test_wilson_interval_refuses(share, size):
    with pytest.raises(ValueError, match="a share in"):
        wilson_interval(share, size)
