"""Sweeps with known answers, written to a folder as a sweep would be."""

from pathlib import Path

import numpy as np
import pandas as pd

from ana_sim.provenance import manifest
from ana_sim.scenario import Scenario
from ana_sim.sweeps.design import points_of
from ana_sim.sweeps.reading import read_sweep
from ana_sim.sweeps.spec import DESIGNS, Design, Factor
from ana_sim.sweeps.store import Store
from ana_sim.tables import Column, to_arrow


def ranged(name, low=0.0, high=1.0):
    return Factor(name, (name,), "uncertainty", low, high)


def listed(name, *values):
    return Factor(name, (name,), "uncertainty", values=values)


def problem(factors):
    return {"num_vars": len(factors), "names": [one.name for one in factors], "bounds": [[0.0, 1.0]] * len(factors)}


def at(factors, unit):
    """The values of points, from their places in the unit cube."""
    columns = {own.name: [own.at(float(u)) for u in unit[:, i]] for i, own in enumerate(factors)}
    return pd.DataFrame({"point": range(len(unit)), **columns})


def crossed(factors, levels):
    """All combinations of levels."""
    sides = [own.levels(levels) for own in factors]
    grid = np.array(np.meshgrid(*[range(len(side)) for side in sides], indexing="ij")).reshape(len(factors), -1)
    columns = {own.name: [side[i] for i in row] for own, side, row in zip(factors, sides, grid, strict=True)}
    return pd.DataFrame({"point": range(grid.shape[1]), **columns})


def latin(factors, samples, seed=1):
    from scipy.stats import qmc

    return at(factors, qmc.LatinHypercube(len(factors), rng=seed).random(samples))


def saltelli(factors, base_samples, *, second_order=False, seed=1):
    from SALib.sample import sobol

    unit = sobol.sample(problem(factors), base_samples, calc_second_order=second_order, seed=seed)
    return at(factors, unit)


def trajectories(factors, number, levels=4, seed=1):
    return points_of(Design("morris", {"trajectories": number, "levels": levels}), factors, seed)


def one_at_a_time(factors, base, levels):
    rows = [{"varied": "", **base}]
    for own in factors:
        rows += [{"varied": own.name, **base, own.name: value} for value in own.levels(levels)]
    return pd.DataFrame(rows).rename_axis("point").reset_index()


def long(points, columns):
    """Rows by point and replicate, from arrays of shape (points, replicates)."""
    first = next(iter(columns.values()))
    count, replicates = first.shape
    return pd.DataFrame(
        {
            "point": np.repeat(points["point"].to_numpy(), replicates),
            "replicate": np.tile(np.arange(replicates), count),
            "seed": 1,
            **{name: values.ravel() for name, values in columns.items()},
        }
    )


def make_sweep(
    folder,
    factors,
    points,
    *,
    kind="lhs",
    options=None,
    measures=None,
    payoffs=None,
    gone=(),
    name="bipolar",
    deviator="each",
):
    """Write a sweep and open it.

    Measures and payoffs (by strategy) are arrays of shape (points, replicates); the points in `gone` have no results.
    """
    folder, tables = Path(folder), {}
    if measures:
        tables["measures"] = long(points, measures)
    if payoffs:
        frames = [long(points, {"payoff": values}).assign(strategy=own) for own, values in payoffs.items()]
        tables["payoffs"] = pd.concat(frames, ignore_index=True)
    replicates = int(next(iter(tables.values()))["replicate"].max()) + 1
    scenario = Scenario.load(name).replace({"title": "A made world"})
    strategies = list(payoffs or ["ana"])
    request = {
        "scenario": scenario.identity,
        "replicates": replicates,
        "seed": 1,
        "design": {"kind": kind, **DESIGNS[kind], **(options or {})},
        "factors": [own.as_dict() for own in factors],
        "strategies": strategies,
        "outputs": {"deviator": deviator, "measures": {own: f"payoff[{own}]" for own in measures or ()}},
    }
    record = {**manifest("sweep", request, scenario, {}), "strategies": strategies}
    kinds = {"i": "int", "f": "float", "b": "bool"}
    named = [name for name in points if name not in ("point", "varied")]
    own = [Column(name, kinds.get(points[name].dtype.kind, "text"), "", "a factor") for name in named]
    measured = [Column(name, "float", "", f"payoff[{name}]") for name in measures or ()]
    chosen = to_arrow(points, "points", own)
    with Store.open(folder, request, chosen, list(tables), 1, record=record, say=print) as store:
        made = {table: to_arrow(rows[~rows["point"].isin(gone)], table, measured) for table, rows in tables.items()}
        store.put(0, made, to_arrow({}, "failures"))
        store.finish()
    return read_sweep(folder)


def ishigami(points, a=7.0, b=0.1):
    """A function of x1, x2, x3 in [-pi, pi] whose indices are known (Ishigami & Homma 1990)."""
    x1, x2, x3 = (points[f"x{i}"].to_numpy() for i in (1, 2, 3))
    return np.sin(x1) + a * np.sin(x2) ** 2 + b * x3**4 * np.sin(x1)


ISHIGAMI = tuple(ranged(f"x{i}", -np.pi, np.pi) for i in (1, 2, 3))
ISHIGAMI_S1 = {"x1": 0.3139, "x2": 0.4424, "x3": 0.0}
ISHIGAMI_ST = {"x1": 0.5576, "x2": 0.4424, "x3": 0.2437}


def with_luck(values, replicates=5, own=0.0, common=0.0, seed=7):
    """Replicates of values by point: luck shared by all points, and luck of each run."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(0.0, common, (1, replicates)) if common else np.zeros((1, replicates))
    return np.asarray(values)[:, None] + shared + own * rng.normal(0.0, 1.0, (len(values), replicates))
