"""The model itself: how a year runs, its strategies, its parameters and the states that it is played on."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

import pandas as pd

from ana_sim.paper.bench import Bench
from ana_sim.paper.item import Made, item
from ana_sim.scenario import Scenario
from ana_sim.state_table import BUILT_IN_TABLES

PHASES: Final = (
    (
        "Plan",
        "powers",
        "One budget each. It pays the club's rent to allies; the rest bids for the projects of all states, by their "
        "weight.",
        "B_g = \u03c9_g \u03b2_g f_g C_g; V_igk = (1 \u2212 \u03bb\u2032) B_g w_ig v_gk (1 + x_gk) \u03be",
        "7.1-7.4",
    ),
    (
        "Nature",
        "the world",
        "Needs move and are shocked, governments change, powers deliver or fail, and each state draws a project.",
        "n_i reverts to its mean; g delivers with \u03c0_g",
        "7.5-7.9",
    ),
    (
        "Seek",
        "states",
        "Ask one, all, or one after the other; hear prices; let powers outbid each other or not; choose shares.",
        "ask g while its expected gain > ask_cost/\u03ba; choose q to maximise U(q)",
        "7.10-7.16",
    ),
    (
        "Object",
        "states and powers",
        "A power that is hurt by a rival's share presses, unless it refused when it was asked. The state gives in, or "
        "bears the cost; a large strategic project may be met with force.",
        "press if P D > c_P(1 \u2212 s + 2su) + \u03c8(1 \u2212 J) + \u03c8\u2080h; "
        "comply if \u03b5\u03c4A_g \u2265 \u0394U",
        "7.17-7.19",
    ),
    (
        "Settle",
        "states and powers",
        "Deals are booked; ties grow with shares and fade without; beliefs follow what was delivered; quarrels.",
        "A_igk \u2190 A_igk + \u03b1 (Q_igk \u2212 A_igk)",
        "7.20-7.24",
    ),
    (
        "Coordinate",
        "states",
        "A bloc with a quorum of free members sets a floor for bids, and votes on an office that the hegemon may buy.",
        "floor = coordination \u00d7 highest losing bid",
        "7.25",
    ),
    (
        "Learn",
        "states",
        "If learning is on, a state compares itself with another, and may copy it.",
        "copy j with 1/(1 + exp(\u2212b (\u03c0_j \u2212 \u03c0_i)))",
        "7.26",
    ),
)
"""Phase, who acts, what happens, the equation that decides, and where the ODD has it."""


@item(1, "How a year runs")
def year(bench: Bench) -> Made:
    """The schematic of the model."""
    from ana_sim.figures.year import year_figure

    table = pd.DataFrame(PHASES, columns=["phase", "who", "what", "equation", "odd"])
    figure = year_figure(
        table,
        subtitle="Powers bid for the projects of small states, which choose how to deal with them",
        notes=["Symbols and all equations: docs/odd.md, section 7"],
    )
    return Made({"phases": table}, figure)


@item(13, "Table: the strategies and their dials")
def strategies(bench: Bench) -> Made:
    """The built-in strategies of a world with two powers."""
    from ana_sim.dials import strategy_info, strategy_names

    world = Scenario.load("bipolar")
    rows = []
    for name in strategy_names(world):
        found = strategy_info(name, world)
        rows.append({"strategy": name, **found.dials.model_dump(), "what_it_does": found.description})
    return Made({"strategies": pd.DataFrame(rows)})


@item(14, "Table: the parameters")
def parameters(bench: Bench) -> Made:
    """Every parameter: default, unit, validity and test range, meaning and source."""
    from ana_sim.parameters import parameter_table

    table = pd.DataFrame([asdict(row) for row in parameter_table()])
    table["default"] = table["default"].astype(str)
    return Made({"parameters": table.rename(columns={"low": "valid_low", "high": "valid_high"})})


@item(15, "Table: the states of latin_america")
def states(bench: Bench) -> Made:
    """The 33 real states, each with its proxies and their flags."""
    table = pd.read_csv(BUILT_IN_TABLES["latin_america"])
    return Made({"real_states": table.rename(columns={"size": "gdp", "size_flag": "gdp_flag"})})
