"""Golden traces: a few small worlds told year by year in numbers; ``python tests/golden/regenerate.py`` writes them.

A trace shows each event and deal, and what each state's payoff of the year is made of, so that docs/odd.md can be
followed by hand. ``tests/test_golden.py`` tells when a change of the code changes a trace.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ana_sim import Scenario
from ana_sim.simulation import Run, run_world
from ana_sim.tally import COMPONENTS, REPORTED

FOLDER = Path(__file__).parent

TIES = ("affinity", "belief", "exposure")


@dataclass(frozen=True)
class World:
    """A scenario with changes, its luck, and the states whose years are told (all if none is named)."""

    scenario: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 1
    shown: tuple[str, ...] = ()

    def made(self) -> Scenario:
        """The scenario."""
        return Scenario.load(self.scenario).replace(self.settings)

    def states(self) -> tuple[str, ...]:
        """Names of the states that are told of."""
        return self.shown or self.made().state_names


WORLDS = {
    "bipolar": World("bipolar", {"states.count": 3, "years": 8}, seed=10),
    "latin_america": World("latin_america", {"years": 4}, seed=21, shown=("ARG", "BLZ", "HND")),
    "pressed": World(
        "bipolar",
        {
            "states.count": 3,
            "years": 7,
            "states.strategic": 2.0,
            "states.exposure": {"hegemon": 0.7, "rising": 0.2},
            "strategies.mix": {"shop": 1.0, "ana": 1.0},
            "world.turnover": 0.6,
            "world.sunk": 0.0,
            "world.insults": 2.0,
            "world.learning": {"rate": 0.5, "strength": 20.0},
            "power.hegemon.pressure": {"severity": 1.0, "force_threshold": 0.8, "legitimacy_weight": 0.0},
        },
        seed=19,
    ),
}
"""The worlds, by the names of their files."""


def file_of(name: str) -> Path:
    """Where a trace is kept."""
    return FOLDER / f"{name}.txt"


def trace(world: World) -> str:
    """The text of a golden trace."""
    run = run_world(world.made(), seed=world.seed)
    lines = list(heading(world, run))
    for year in run.powers["year"].unique():
        lines += ["", f"## {year}", *told_of_powers(run, year)]
        for name in world.states():
            lines += told_of_state(run, name, year)
    sums = {name: [0.0] * len(COMPONENTS) for name in world.states()}
    for row in run.states[run.states["state"].isin(world.states())].to_dict("records"):
        sums[row["state"]] = [total + row[part] for total, part in zip(sums[row["state"]], COMPONENTS, strict=True)]
    return "\n".join([*lines, "", *totals(sums)]) + "\n"


def heading(world: World, run: Run) -> Iterator[str]:
    """What is run."""
    yield f"# {run.scenario.title}; {len(run.scenario.state_names)} states, seed {world.seed}"
    for path, value in world.settings.items():
        yield f"# {path} = {value}"
    if world.shown:
        yield f"# told of: {', '.join(world.shown)}"


def told_of_powers(run: Run, year: int) -> Iterator[str]:
    """A line per power: what is reported of it, but for what is 0."""
    for row in run.powers[run.powers["year"] == year].to_dict("records"):
        yield f"{row['power']}: {named(row, REPORTED)}"


def told_of_state(run: Run, name: str, year: int) -> Iterator[str]:
    """Who it is this year, what happened to it in order, and what its payoff is made of."""
    states, events = run.states, run.events
    row = states[(states["state"] == name) & (states["year"] == year)].iloc[0].to_dict()
    yield f"{name} plays {row['strategy']}; {named(row, ('size', 'need', 'lean'))}; project: {row['issue'] or 'none'}"
    for event in events[(events["state"] == name) & (events["year"] == year)].to_dict("records"):
        yield f"  {told(event)}"
    ties = {what: {power: row[f"{what}_{power}"] for power in run.scenario.power_names} for what in TIES}
    yield f"  in the end: {'; '.join(f'{what} {named(words, words)}' for what, words in ties.items())}"
    parts = " + ".join(f"{part} {number(row[part])}" for part in COMPONENTS if row[part])
    yield f"  payoff {number(row['payoff'])} = {parts or '0'}"


def told(event: Mapping[str, Any]) -> str:
    """An event in a line."""
    words = [event["kind"], event["power"], event["issue"] and f"on {event['issue']}"]
    amount = "cost" if event["kind"] in ("complied", "resisted") else "at"
    words += [f"share {number(event['share'])}"] if not math.isnan(event["share"]) else []
    words += [f"{amount} {number(event['offer'])}"] if not math.isnan(event["offer"]) else []
    words += [event["detail"] and f"({event['detail']})"]
    return " ".join(word for word in words if word)


def totals(sums: Mapping[str, Sequence[float]]) -> Iterator[str]:
    """A line per state: the components of its payoffs, summed over the years."""
    yield "## all years"
    for name, parts in sums.items():
        yield f"{name}: {named(dict(zip(COMPONENTS, parts, strict=True)), COMPONENTS)}"


def named(row: Mapping[Any, Any], names: Iterator[str] | Sequence[str] | Mapping[str, Any]) -> str:
    """Numbers with their names, but for those that are 0."""
    return ", ".join(f"{name} {number(row[name])}" for name in names if row[name]) or "nothing"


def number(value: float) -> str:
    """Ten significant digits."""
    return f"{value:.10g}"


def main() -> None:
    """Write all traces."""
    for name, world in WORLDS.items():
        file_of(name).write_text(trace(world), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
