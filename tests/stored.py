"""A small sweep, as its runner hands it to the store; run as a script, it is written, and can be killed.

With ``--again`` it is written again and again, each time in place of the last; with ``--hold`` it is held open until
the input ends. The numbers are made up, but depend on the run alone, as those of a real sweep do. The run `FAILED`
failed.
"""

import sys
from pathlib import Path

import numpy as np

from ana_sim.provenance import manifest
from ana_sim.scenario import Scenario
from ana_sim.sweeps.spec import Spec
from ana_sim.sweeps.store import Store, cut
from ana_sim.tables import Column, to_arrow

POINTS, REPLICATES, YEARS = 6, 4, 3
FAILED = 5
STRATEGIES = ("ana", "hedge")
POWERS = ("hegemon", "rising")
OPENNESS = "power.rising.openness"
PREMIUM = "payoff[ana] - payoff[hedge]"
SPEC = {
    "scenario": "bipolar",
    "years": YEARS,
    "replicates": REPLICATES,
    "design": {"kind": "lhs", "samples": POINTS},
    "uncertainties": {OPENNESS: {"low": 0.0, "high": 1.0}, "world.network": {"values": ["ring", "complete"]}},
    "levers": {"strategy": list(STRATEGIES)},
    "outputs": {"tables": ["payoffs", "powers"], "measures": {"premium": PREMIUM}},
}
TABLES = ("payoffs", "powers", "measures")
PARTS = cut(POINTS * REPLICATES, each=3)
FILES = 1 + len(TABLES) * len(PARTS) + 1
"""The points, the parts of each table, and the failures of one."""


def request(**changes):
    return {**Spec.load(SPEC).request(), **changes}


def record(**changes):
    made = manifest("sweep", request(), Scenario.load("bipolar").replace({"years": YEARS}), {}, arguments=["sweep"])
    return {**made, "strategies": list(STRATEGIES), **changes}


def points(first=0.0, count=POINTS):
    columns = [
        Column(OPENNESS, "float", "share", "openness to small states"),
        Column("world.network", "text", "", "who hears of whom"),
    ]
    number = np.arange(count)
    network = np.array(["ring", "complete"])[number % 2]
    return to_arrow({"point": number, OPENNESS: first + number / 10, "world.network": network}, "points", columns)


def tables(part):
    """What a runner makes of a part: the tables by name, and the failures."""
    runs = np.array([run for run in PARTS[part] if run != FAILED])
    own = _rows(runs, len(STRATEGIES))
    payoff = _number(own["run"], own["entry"])
    leverage = np.where(own["replicate"] == 0, np.nan, payoff / 3)  # a state that has no deal has no leverage
    strategy = np.array(STRATEGIES)[own["entry"]]
    payoffs = {**_keys(own), "strategy": strategy, "payoff": payoff, "leverage": leverage, "n": own["run"] + 1}
    years = _rows(runs, len(POWERS) * YEARS)
    year, power = np.divmod(years["entry"], len(POWERS))
    influence = _number(years["run"], years["entry"])
    key = {name: years[name] for name in ("point", "replicate")}
    powers = {**key, "year": 2010 + year, "power": np.array(POWERS)[power], "influence": influence}
    each = _rows(runs, 1)
    measures = {**_keys(each), "premium": _number(runs, 0) - _number(runs, 1)}
    made = {
        "payoffs": to_arrow(payoffs, "payoffs"),
        "powers": to_arrow(powers, "powers"),
        "measures": to_arrow(measures, "measures", [Column("premium", "float", "", PREMIUM)]),
    }
    return made, to_arrow(_failed() if FAILED in PARTS[part] else {}, "failures")


def _failed():
    point, replicate = divmod(FAILED, REPLICATES)
    return {"point": [point], "replicate": [replicate], "seed": [1], "stage": ["run"], "reason": ['a, b and "c"']}


def _rows(runs, each):
    run = np.repeat(runs, each)
    return {
        "run": run,
        "point": run // REPLICATES,
        "replicate": run % REPLICATES,
        "entry": np.tile(np.arange(each), len(runs)),
    }


def _keys(rows):
    return {"point": rows["point"], "replicate": rows["replicate"], "seed": np.ones_like(rows["point"])}


def _number(run, entry):
    """Return numbers without end, so that one that is rounded is seen."""
    return np.sqrt(2.0 + 10 * run + entry)


def opened(folder, say=print, **changes):
    """Open the store of this sweep."""
    defaults = {"request": request(), "points": points(), "tables": TABLES, "parts": len(PARTS), "record": record()}
    return Store.open(Path(folder), say=say, **(defaults | changes))


def fill(store, parts=None, done=lambda part: None):
    for part in store.missing if parts is None else parts:
        store.put(part, *tables(part))
        done(part)
    if not store.missing:
        store.finish()


def written(folder, **changes):
    """Write the whole sweep, or a shard of it."""
    with opened(folder, **changes) as store:
        fill(store)
    return folder


if __name__ == "__main__":
    again = "--again" in sys.argv
    while True:
        with opened(sys.argv[1], force=again) as store:
            print("open", flush=True)
            if "--hold" in sys.argv:
                sys.stdin.read()
            fill(store, done=lambda part: print(part, flush=True))
        if not again:
            break
