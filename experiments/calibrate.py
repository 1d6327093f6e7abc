"""Earn the defaults: which points of the frozen ranges satisfy the patterns that may be used for it.

Pattern-oriented modelling (Grimm et al. 2005): points of a Latin hypercube over the frozen test ranges are put through
filters, and those that pass all are the accepted region. The filters are the rows of the score card that the design
allows for it (four emergent ones and the near-identities) and the trade record of 2001-2005. All other rows, and the
record of 2006-2010, are tests: they are not computed here, and the luck of the score card has another seed.

    python experiments/calibrate.py --points 400 --out experiments/calibration

A row passes in a point if the estimate of each of its parts lies on the right side of delta (``Finding.margin`` above
0; no interval is asked for, since with few replicates it would be a test of their number). The record passes if the
hindcast, fitted on its first years, foretells the rest up to 2005 better than persistence does.

Defaults move only where the patterns speak: where accepted and other points differ (two-sample Kolmogorov-Smirnov
tests, at 5% after Holm's correction for their number) to the accepted median, rounded to two digits; elsewhere the
trial's value stays. What comes out is put through the filters again, with five times the replicates. Capability and
openness of the rising power are not calibrated: they are what the regime map varies.

Written are ``points.csv`` (a row per point: its values, each filter's margin, whether it is accepted), ``chosen.toml``
and ``report.md``: how many points each filter lets through, alone and as the last one (which patterns discriminate,
which none satisfies), and how the accepted points lie in the ranges. Exit status: 0 done; 1 no point is accepted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from no_foregone import frozen_ranges
from scipy.stats import ks_2samp, qmc
from tqdm import tqdm

from ana_sim.facts import FACTS, TUNING_SEED
from ana_sim.facts.lab import Lab
from ana_sim.facts.score import score
from ana_sim.hindcast.forecast import LAST, fit_between
from ana_sim.hindcast.gravity import quantiles
from ana_sim.hindcast.record import read_record
from ana_sim.hindcast.worlds import watched, worlds
from ana_sim.simulation import warm_up
from ana_sim.statistics import holm

ALLOWED = ("nieo_1981", "chile_both", "recognition", "commerce_under_recognition", "cold_war_closed_rival")
FILTERS = tuple(name for name, fact in FACTS.items() if name in ALLOWED or fact.kind == "i")
RECORD = "trade_2001_2005"
TRIAL = {
    "world.posted_share": 0.5, "world.valuation_spread": 0.6, "world.ask_cost": 0.02, "world.bid_cost": 0.02,
    "world.split_cost": 0.005, "world.abandonment": 1.0, "world.duplication": 0.005, "world.club_cap": 0.1,
    "world.delivery_correlation": 0.0, "power.hegemon.inward_turn": 0.0, "power.rising.inward_turn": 0.0,
    "power.hegemon.club_share": 0.2, "power.rising.club_share": 0.2, "power.hegemon.reliability": 0.95,
    "power.rising.reliability": 0.9, "power.hegemon.pressure.severity": 0.6, "power.rising.pressure.severity": 0.4,
    "power.hegemon.pressure.cost": 0.05, "power.rising.pressure.cost": 0.1,
    "power.hegemon.pressure.legitimacy_weight": 0.3, "power.rising.pressure.legitimacy_weight": 0.3,
    "states.ideology.sigma": 0.1, "states.risk_aversion": 4.0,
}  # fmt: skip
"""The defaults of the trial, before any calibration."""

NOT_CALIBRATED = ("power.rising.capability", "power.rising.openness")

Point = Mapping[str, float]


def ranges() -> dict[str, tuple[float, float]]:
    """What is calibrated: path and range."""
    return {path: ends for path, ends in frozen_ranges().items() if path not in NOT_CALIBRATED}


def latin_hypercube(points: int, seed: int) -> list[dict[str, float]]:
    """Values of each point by path."""
    low, high = np.array(list(ranges().values())).T
    unit = qmc.LatinHypercube(len(low), rng=np.random.default_rng(seed)).random(points)
    return [dict(zip(ranges(), row, strict=True)) for row in qmc.scale(unit, low, high).tolist()]


def margins(point: Point, replicates: int) -> dict[str, float]:
    """By how many deltas a point passes each filter; below 0 it does not."""
    lab, found = Lab(replicates, TUNING_SEED, defaults=point), {}
    for name in FILTERS:
        findings = [score(part) for part in FACTS[name].parts(lab)]
        found[name] = min(finding.margin for finding in findings if finding.counts)
    found[RECORD] = record_margin(point, replicates)
    return found


def record_margin(point: Point, replicates: int) -> float:
    """How much better than persistence 2001-2005 is foretold from its first years, as a share of persistence's error.

    From 2002, 2003 and 2004, fitted on the years up to each, all the years to 2005; errors are averaged over years.
    """
    record = read_record()
    past, _ = worlds(point, LAST, record.states)
    seen, places = watched(past, replicates, TUNING_SEED, workers=1), record.places()
    own, unchanged = [], []
    for last in (2002, 2003, 2004):
        ahead, truth = seen.between(last, 2005), record.between(last + 1, 2005).ratio[places].T
        mapping = fit_between(record, seen, last, places)
        median = quantiles(mapping, record.of(last), ahead.ties, ahead.size)[0][:, places]
        own.extend(np.abs(median - truth).mean(axis=1))
        unchanged.extend(np.abs(record.of(last)[places] - truth).mean(axis=1))
    return 1.0 - float(np.mean(own) / np.mean(unchanged))


def tried(points: Sequence[Point], replicates: int, workers: int) -> pd.DataFrame:
    """A row per point: its values, the margin of each filter, whether it is accepted."""
    with ThreadPoolExecutor(workers) as pool:
        work = pool.map(partial(margins, replicates=replicates), points)
        found = list(tqdm(work, total=len(points), unit="point", disable=None))
    table = pd.DataFrame([{**point, **margin} for point, margin in zip(points, found, strict=True)])
    return table.assign(accepted=passes(table).all(axis=1))


def passes(table: pd.DataFrame) -> pd.DataFrame:
    """Whether each point passes each filter."""
    return table[[*FILTERS, RECORD]] >= 0.0


def told(table: pd.DataFrame) -> dict[str, float]:
    """By path, the p that accepted and other points differ so much by chance alone, after Holm's correction."""
    inside, outside = (table[table["accepted"] == each] for each in (True, False))
    if not len(inside) or not len(outside):
        return dict.fromkeys(ranges(), 1.0)
    raw = [float(ks_2samp(inside[path], outside[path]).pvalue) for path in ranges()]
    return dict(zip(ranges(), holm(raw).tolist(), strict=True))


def earned(table: pd.DataFrame) -> dict[str, float]:
    """The defaults that the accepted points speak for."""
    inside, p = table[table["accepted"]], told(table)
    return {path: float(f"{inside[path].median():.2g}") if p[path] < 0.05 else TRIAL[path] for path in ranges()}


def report(table: pd.DataFrame, chosen: Mapping[str, float], again: Mapping[str, float]) -> str:
    """Which filters discriminate, where the accepted points lie, and what was chosen, in Markdown."""
    passed, points = passes(table), len(table)
    lines = [
        "# The accepted region",
        "",
        f"{int(table['accepted'].sum())} of {points} points pass all filters (`python experiments/calibrate.py`).",
        "",
        "| filter | passes alone | let through by all others, of these passes | median margin, deltas |",
        "|---|---|---|---|",
    ]
    for name in passed:
        others = passed.drop(columns=name).all(axis=1)
        last = f"{int((passed[name] & others).sum())} of {int(others.sum())}"
        lines.append(f"| `{name}` | {passed[name].mean():.0%} | {last} | {table[name].median():+.2f} |")
    lines += [
        "",
        "A filter that all points pass does not discriminate; one that none passes is satisfied nowhere in the ranges.",
        "",
        "| parameter | range | accepted: 10%, median, 90% | p (Kolmogorov-Smirnov, Holm) | trial | default |",
        "|---|---|---|---|---|---|",
    ]
    inside, p = table[table["accepted"]], told(table)
    for path, (low, high) in ranges().items():
        ends = " ".join(f"{value:.2g}" for value in inside[path].quantile([0.1, 0.5, 0.9]))
        lines.append(
            f"| `{path}` | {low:g} .. {high:g} | {ends} | {p[path]:.3f} | {TRIAL[path]:g} | {chosen[path]:g} |"
        )
    lines += ["", "The chosen point, put through the filters again (margins in deltas):", ""]
    lines += [f"- `{name}`: {margin:+.2f}" for name, margin in again.items()]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Sample, filter, choose, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=400)
    parser.add_argument("--replicates", type=int, default=20)
    parser.add_argument("--seed", type=int, default=TUNING_SEED)
    parser.add_argument("--workers", type=int, default=2, help="number of threads")
    parser.add_argument("--out", type=Path, default=Path("results/calibration"), help="folder to write to")
    asked = parser.parse_args()
    if asked.points < 2 or asked.replicates < 2 or asked.workers < 1:
        parser.error("needs at least 2 points, 2 replicates and 1 worker")
    warm_up()
    table = tried(latin_hypercube(asked.points, asked.seed), asked.replicates, asked.workers)
    asked.out.mkdir(parents=True, exist_ok=True)
    table.to_csv(asked.out / "points.csv", index_label="point", float_format="%.6g")
    if not table["accepted"].any():
        print(f"no point is accepted; passed: {passes(table).mean().to_dict()}", file=sys.stderr)
        return 1
    chosen = earned(table)
    again = margins(chosen, 5 * asked.replicates)
    (asked.out / "chosen.toml").write_text("".join(f'"{path}" = {value}\n' for path, value in chosen.items()))
    text = report(table, chosen, again)
    (asked.out / "report.md").write_text(text, encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
