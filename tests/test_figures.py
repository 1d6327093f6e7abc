"""The table behind a figure exactly, the picture loosely."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from pictures import assert_legible, words_of

from ana_sim.figures import compare_data, compare_figure, save_figure, strategy_label
from ana_sim.statistics import COMPONENTS

NAMES = ["align_hegemon", "align_rising", "hedge", "play_field", "ana", "shop", "abstain", "equidistant"]


def summary_of(names: list[str], replicates: int = 200) -> pd.DataFrame:
    """A summary made by hand, against the first strategy."""
    rng = np.random.default_rng(len(names))
    parts = rng.normal(0.0, 0.03, (len(names), len(COMPONENTS)))
    parts[0] = 0.0
    table = pd.DataFrame(parts, columns=[f"d_{c}" for c in COMPONENTS])
    table.insert(0, "strategy", names)
    table["difference"] = parts.sum(axis=1)
    half = np.where(np.arange(len(names)) == 0, 0.0, 0.01) if replicates > 1 else np.nan
    table["low"], table["high"] = table["difference"] - half, table["difference"] + half
    table["payoff"], table["superiority"], table["level"] = 0.3 + table["difference"], 0.6, 0.95
    table["n_replicates"], table["n_pairs"], table["baseline"] = replicates, 32 * replicates, names[0]
    return table


def draw(summary: pd.DataFrame, **words: str) -> Figure:
    asked = {
        "title": "Which strategy pays?",
        "subtitle": "bipolar, 40 years",
        "baseline": "align_hegemon",
    } | words
    return compare_figure(summary, **asked)


def test_strategies_in_words() -> None:
    assert strategy_label("ana") == "active non-alignment (ANA)"
    assert strategy_label("align_hegemon") == "align with the hegemon"
    assert strategy_label("align_south_korea") == "align with south korea"
    assert strategy_label("cautious_field") == "cautious field"


def test_data_are_the_summary_best_first() -> None:
    summary = summary_of(NAMES)
    data = compare_data(summary, "align_hegemon")
    assert data["difference"].is_monotonic_decreasing
    again = data.set_index("strategy").loc[NAMES]
    for column in ("difference", "low", "high", "superiority"):
        assert again[column].tolist() == summary[column].tolist()
    for component in COMPONENTS:
        assert again[component].tolist() == summary[f"d_{component}"].tolist()
    assert again["clear"].tolist() == [abs(d) > 0.01 for d in summary["difference"]]
    assert again["label"].tolist() == [strategy_label(name) for name in NAMES]


def test_data_refuse() -> None:
    summary = summary_of(NAMES)
    with pytest.raises(ValueError, match="d_club"):
        compare_data(summary.drop(columns="d_club"), "align_hegemon")
    with pytest.raises(ValueError, match="'hegde' is not among"):
        compare_data(summary, "hegde")
    with pytest.raises(ValueError, match="not from 'ana'"):
        compare_data(summary, "ana")


def test_the_picture_says_what_is_compared() -> None:
    fig = draw(summary_of(NAMES))
    words = words_of(fig)
    assert {"Which strategy pays?", "bipolar, 40 years", "play the field", "baseline"} <= set(words)
    assert any("n = 200 replicates, 6,400 paired cases" in text and "BCa" in text for text in words)
    left, right = fig.axes
    assert "budget per state" in left.get_xlabel()
    assert left.get_ylim() == right.get_ylim()
    low, high = left.get_xlim()
    data = compare_data(summary_of(NAMES), "align_hegemon")
    assert low < data["low"].min()
    assert high > data["high"].max()


@pytest.mark.parametrize("names", [NAMES[:1], NAMES[:2], NAMES[:5], [*NAMES, "my_very_" * 9 + "long_$name$_indeed"]])
@pytest.mark.parametrize("replicates", [1, 2, 200])
def test_no_text_is_clipped_and_none_overlap(names: list[str], replicates: int) -> None:
    assert_legible(draw(summary_of(names, replicates)))


def test_a_name_is_not_read_as_mathematics() -> None:
    fig = draw(summary_of(["align_hegemon", "my_$x^2$"]))
    texts = [text for text in fig.findobj(Text) if "$" in text.get_text()]
    assert texts
    assert not any(text.get_parse_math() for text in texts)


def test_nothing_differs() -> None:
    summary = summary_of(["align_hegemon", "hedge"])
    summary.loc[:, [c for c in summary if str(c).startswith(("d_", "difference", "low", "high"))]] = 0.0
    fig = draw(summary)
    assert fig.axes[0].get_xlim()[0] < 0.0 < fig.axes[0].get_xlim()[1]


@pytest.mark.parametrize("ending", ["png", "pdf", "svg"])
def test_files_are_stable(tmp_path: Path, ending: str) -> None:
    for name in ("one", "two"):
        save_figure(draw(summary_of(NAMES)), tmp_path / f"{name}.{ending}")
    first = (tmp_path / f"one.{ending}").read_bytes()
    assert first == (tmp_path / f"two.{ending}").read_bytes()
    assert len(first) > 10_000
    assert b"CreationDate" not in first


def test_the_users_own_settings_do_not_leak_in(tmp_path: Path) -> None:
    import matplotlib

    save_figure(draw(summary_of(NAMES)), tmp_path / "one.png")
    with matplotlib.rc_context({"font.size": 30, "savefig.bbox": "tight", "axes.facecolor": "red"}):
        save_figure(draw(summary_of(NAMES)), tmp_path / "two.png")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.png, \.pdf or \.svg, not \.bmp"):
        save_figure(draw(summary_of(NAMES)), tmp_path / "figure.bmp")


def test_matplotlib_is_imported_late_and_pyplot_never() -> None:
    code = (
        "import sys, ana_sim.figures as f; assert 'matplotlib' not in sys.modules;"
        "sys.path.insert(0, 'tests'); import test_figures as t; t.draw(t.summary_of(t.NAMES));"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    root = Path(__file__).parent.parent
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root)
