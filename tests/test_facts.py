"""The score card: how a fact is scored, that every row of the specification stands in it, and its command."""

import json

import numpy as np
import pytest
from conftest import fewer
from test_cli import ana_sim, assert_refused

from ana_sim.compiled import JIT_ENABLED
from ana_sim.facts import FACTS, Ablation, Part, card_table, parts_table, scored
from ana_sim.facts.card import FactError, Score
from ana_sim.facts.fact import fact
from ana_sim.facts.lab import Lab, both, complied, count, holding, mean, only, over, price, ratio
from ana_sim.facts.score import deciding, score
from ana_sim.facts.text import card_rows, fact_text, totals
from ana_sim.figures.facts import card_figure, fact_figure, forest_data
from ana_sim.provenance import file_digest
from ana_sim.tables import describe, read_table

ROWS = {
    "A": "argentina_swap structure_over_ideology ecuador_fta refusal_diverts brazil_5g brazil_vaccines chile_both "
    "both_summits panama_bridge valparaiso_cable dfc_exclusion chancay_port bri_pgii gao_finance idb_presidency "
    "bloc_exit pool_bank nieo_1981 small_states_too skill jf17_f16 insults winner_from_quarrels quiet_diplomacy "
    "envoys_not_presidents absent_hegemon regional_forums recognition commerce_under_recognition",
    "B": "competition_accommodates cold_war_closed_rival hegemon_turns_inward riser_supplies not_equidistance "
    "not_neutrality uncertainty_hedging different_stakes diffusion complement_not_replace believed_multipolarity "
    "russia_niche resources chokepoint marriage_of_convenience ideology_divides exclusion_backfires",
}
"""The rows of the specification, by section."""

IDENTITIES = {
    *("refusal_diverts", "brazil_vaccines", "chancay_port", "bri_pgii", "quiet_diplomacy"),
    *("commerce_under_recognition", "riser_supplies", "resources", "chokepoint"),
}
CONJECTURES = {"exclusion_backfires"}

needs_compiler = pytest.mark.skipif(not JIT_ENABLED, reason="takes minutes without the compiler")

QUICK = {"replicates": fewer(4, 2), "seed": 1}


# -- scoring ---------------------------------------------------------------------------------------


def around(middle, spread=0.01, n=50):
    """Numbers with a mean and a spread."""
    steps = np.linspace(-1.0, 1.0, n)
    return middle + spread * steps


@pytest.mark.parametrize(
    ("values", "expect", "scale", "verdict"),
    [
        (around(0.1), "more", 1.0, "holds"),
        (around(0.01), "more", 1.0, "fails"),
        (around(-0.3), "more", 1.0, "fails"),
        (around(0.05), "more", 1.0, "undecided"),
        (around(0.1), "more", 4.0, "fails"),  # 5% of a larger scale
        (around(0.1, spread=2.0), "more", 1.0, "undecided"),
        (around(0.0), "none", 1.0, "holds"),
        (around(-0.2), "none", 1.0, "fails"),
        (around(0.05), "none", 1.0, "undecided"),
        (around(-0.02), "no less", 1.0, "holds"),
        (around(-0.2), "no less", 1.0, "fails"),
        (np.zeros(5), "zero", 1.0, "holds"),
        (np.array([0.0, 0.0, 1e-6]), "zero", 1.0, "fails"),
        (np.array([np.nan, 0.3]), "more", 1.0, "undecided"),
        (np.array([np.nan, 0.3, 0.3]), "more", 1.0, "holds"),
    ],
)
def test_verdicts(values, expect, scale, verdict):
    assert score(Part("x", values, scale, expect)).verdict == verdict


def test_intervals_are_students():
    found = score(Part("x", np.array([1.0, 2.0, 3.0, 4.0])))
    half = 3.182446305 * np.std([1, 2, 3, 4], ddof=1) / 2.0
    assert (found.estimate, found.low, found.high) == pytest.approx((2.5, 2.5 - half, 2.5 + half))


def test_replicates_without_the_event_are_left_out():
    found = score(Part("x", np.array([0.2, np.nan, 0.4, np.nan])))
    assert (found.n, found.estimate) == (2, pytest.approx(0.3))


def test_the_worst_part_decides_and_remarks_do_not():
    good, bad, worse = (score(Part(name, around(x))) for name, x in (("a", 0.2), ("b", 0.02), ("c", 0.01)))
    remark = score(Part("d", around(-9.0), counts=False))
    assert deciding([good, bad, worse, remark]).what == "c"
    assert deciding([good, remark]).what == "a"


def test_a_fact_is_broken_only_if_it_held():
    held, lost = score(Part("a", around(0.2))), score(Part("a", around(0.0)))
    some = FACTS["ecuador_fta"]
    assert Score(some, (held,), (lost,)).breaks is True
    assert Score(some, (held,), (held,)).breaks is False
    assert Score(some, (lost,), (lost,)).breaks is None
    assert Score(some, (held,)).breaks is None


def test_totals_count_what_holds_and_breaks():
    held, lost = score(Part("a", around(0.2))), score(Part("a", around(0.0)))
    cases = [done for done in FACTS.values() if done.section == "A" and done.kind == "e"][:3]
    done = [Score(cases[0], (held,), (lost,)), Score(cases[1], (held,), (held,)), Score(cases[2], (lost,), (lost,))]
    assert totals(done) == [
        "Part A, the cases: 1 of 3 emergent facts hold and break with their ablation (33%; aim 90%); 2 hold"
    ]


# -- the card --------------------------------------------------------------------------------------


@pytest.mark.parametrize("section", ROWS)
def test_every_row_of_the_specification_is_scored(section):
    assert {name for name, fact in FACTS.items() if fact.section == section} == set(ROWS[section].split())


def test_kinds_are_those_of_the_specification():
    assert {name for name, fact in FACTS.items() if fact.kind == "i"} == IDENTITIES
    assert {name for name, fact in FACTS.items() if fact.kind == "c"} == CONJECTURES


@pytest.mark.parametrize("name", FACTS)
def test_facts_state_what_a_reader_needs(name):
    found = FACTS[name]
    for text in (found.claim, found.vary, found.expect, found.reading):
        assert text.strip()
    assert found.parts.__doc__
    assert (found.ablation is not None) == (found.kind == "e")
    if found.ablation is not None:
        assert found.ablation.settings or found.ablation.play


def test_evidence_must_name_what_would_break_it():
    words = dict.fromkeys(("vary", "expect", "falsified", "reading"), "x")
    with pytest.raises(ValueError, match="break"):
        fact("A", "e", "x", source="H", **words)(lambda lab: [])
    with pytest.raises(ValueError, match="two facts"):
        fact("A", "i", "x", source="H", **words)(FACTS["chancay_port"].parts)
    with pytest.raises(ValueError, match="no source"):
        fact("A", "i", "x", source="Q", **words)(lambda lab: [])


@needs_compiler
@pytest.mark.parametrize("name", FACTS)
def test_every_fact_can_be_tried_with_and_without_its_ablation(name):
    for part in FACTS[name].parts(Lab(2, 1)):
        assert np.shape(part.values) == (2,), part.what
        assert part.scale > 0.0 or np.isnan(part.scale)
        assert part.expect in ("more", "none", "no less", "zero")
    ablation = FACTS[name].ablation
    if ablation is not None:
        assert FACTS[name].parts(Lab(2, 1, ablation.settings, ablation.play))


def test_ablations_hold_in_every_world_and_come_last():
    lab = Lab(2, 1, {"world.memory_years": 0}, {"ana": "shop"}, {"world.memory_years": 9, "power.rising.channel": 0.7})
    assert lab.world({"world.memory_years": 3}).world.memory_years == 0
    assert lab.world(base="unipolar").role("rising") is None  # a default of a power that is not there is left out
    assert lab.world().power[1].channel == 0.7
    assert (lab.run({"states.count": 3, "years": 2}, play="ana").playing == "shop").all()


@needs_compiler
def test_results_do_not_depend_on_workers():
    names = ["ecuador_fta", "chancay_port"]
    one, two = (parts_table(scored(names, workers=workers, **QUICK)) for workers in (1, 2))
    assert one.equals(two)


def test_the_luck_of_tuning_is_not_that_of_scoring():
    from ana_sim.facts import SCORING_SEED, TUNING_SEED

    assert SCORING_SEED != TUNING_SEED


def test_an_unknown_fact_is_refused_with_the_nearest():
    with pytest.raises(FactError, match="ecuador_fta"):
        scored(["ecuador_ft"])


def test_measures_are_means_over_years_and_states():
    panel = Lab(3, 1).run({"states.count": 5, "years": 4}, play="shop")
    asked = panel["asked", "rising"]
    assert mean(panel, ("asked", "rising")) == pytest.approx(asked.mean(axis=(1, 2)))
    none = np.zeros(asked.shape, dtype=np.bool_)
    assert np.isnan(over(asked, none)).all()
    assert count(asked, asked > 0.0) == pytest.approx(asked.sum(axis=(1, 2)))
    struck = panel["share", "rising"] > 0.0
    expected = [panel["price", "rising"][r][struck[r]].mean() for r in range(3)]
    assert price(panel, "rising") == pytest.approx(expected)
    held = panel["held", "rising", "trade"][:, -1] > 0.0
    assert holding(panel, "trade", "rising") == pytest.approx(held.mean(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        met = panel["complied", "hegemon"].sum((1, 2)) / panel["pressed", "hegemon"].sum((1, 2))
    np.testing.assert_allclose(complied(panel, "hegemon"), met)
    assert np.isnan(ratio(np.ones(2), np.array([0.0, 2.0]))).tolist() == [True, False]


def test_settings_name_issues_and_rivals():
    assert sum(only("loan").values()) == 1.0
    assert both("power.*.reliability", 0.8) == {"power.hegemon.reliability": 0.8, "power.rising.reliability": 0.8}
    assert Ablation("x").settings == {}


# -- what comes of it ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def some():
    return scored(["ecuador_fta", "refusal_diverts", "chancay_port"], **QUICK)


@needs_compiler
def test_tables_are_documented_and_pictures_drawn(some):
    card, parts = card_table(some), parts_table(some)
    assert len(card) == 3
    assert len(parts) == sum(len(done.findings) + len(done.ablated) for done in some)
    for name, table in (("facts", card), ("facts_parts", parts)):
        assert all(column.meaning for column in describe(name, table.columns))
    drawn = forest_data(card)
    assert drawn["estimate"].tolist() == pytest.approx((card["estimate"] / card["delta"]).tolist())
    assert len(card_figure(card, subtitle="x").axes) == 1
    one = parts[parts["fact"] == "ecuador_fta"]
    assert len(fact_figure(one, name="ecuador_fta", claim="x", reading="y").axes) == 1
    assert len(card_rows(some)) == 4
    assert "ablation" in fact_text(some[0])


@needs_compiler
def test_the_command_writes_the_card(tmp_path):
    asked = ["facts", "chancay_port", "ecuador_fta", "--replicates", QUICK["replicates"], "--seed", 1]
    outcome = ana_sim(*asked, folder=tmp_path)
    assert outcome.status == 0, outcome
    (results,) = (tmp_path / "results").iterdir()
    files = {"facts.csv", "facts_parts.csv", "facts.png", "facts.pdf", "summary.txt"}
    assert {path.name for path in results.iterdir()} == files | {"manifest.json"}
    manifest = json.loads((results / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["outputs"] == {name: file_digest(results / name) for name in files}
    assert manifest["seed"] == 1
    assert read_table(results / "facts.csv")["fact"].tolist() == ["chancay_port", "ecuador_fta"]
    again = ana_sim(*asked, folder=tmp_path)
    assert "already in" in again.err
    assert again.out.strip() in outcome.out


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["chancay_prot"], "did you mean 'chancay_port'?"),
        (["--replicates", "1"], "at least 2"),
        (["--seed", "-1"], "at least 0"),
    ],
)
def test_the_command_refuses_in_one_line(tmp_path, asked, words):
    assert_refused(ana_sim("facts", *asked, folder=tmp_path), words)
    assert not list(tmp_path.iterdir())


@needs_compiler
def test_the_command_draws_the_curves_of_a_dispute(tmp_path):
    asked = ["facts", "decline", "--disputes", "--replicates", QUICK["replicates"], "--seed", 1]
    outcome = ana_sim(*asked, folder=tmp_path)
    assert outcome.status == 0, outcome
    (results,) = (tmp_path / "results").iterdir()
    names = {path.name for path in results.iterdir()}
    assert names == {"disputes.csv", "disputes.png", "disputes.pdf", "summary.txt", "manifest.json"}
    assert set(read_table(results / "disputes.csv")["dispute"]) == {"decline"}
    assert_refused(ana_sim("facts", "declin", "--disputes", folder=tmp_path), "did you mean")
