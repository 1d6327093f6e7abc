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
        "One budget each. It pays the club's rent to allies; the rest bids for the projects of all states, by weight.",
        r"B_g=\omega_g\,\beta_g\,f_g\,C_g; V_{igk}=(1-\lambda')\,B_g\,w_{ig}\,v_{gk}\,(1+x_{gk})\,\xi",
        "7.1-7.4",
    ),
    (
        "Nature",
        "the world",
        "Needs move, shocks strike, governments change, powers deliver or fail; each state draws a project.",
        r"g\ \mathrm{delivers\ with}\ \pi_g",
        "7.5-7.9",
    ),
    (
        "Seek",
        "states",
        "Ask one, all, or one after the other; hear prices; let powers outbid each other or not; choose shares.",
        r"\mathrm{ask}\ g\ \mathrm{while\ it\ is\ worth}\ \mathrm{ask\_cost}/\kappa_i; "
        r"q^*=\mathrm{arg\,max}\ U(q)",
        "7.10-7.16",
    ),
    (
        "Object",
        "states, powers",
        "A power hurt by a rival's share presses, unless it had refused. The state gives in, or bears the cost; a "
        "large strategic project may be met with force.",
        r"P_g D>c_P(1-s+2su)+\psi(1-J)+\psi_0 h; \mathrm{comply\ if}\ \epsilon\tau A_g\geq\Delta U",
        "7.17-7.19",
    ),
    (
        "Settle",
        "states, powers",
        "Deals are booked; ties grow with shares and fade without; beliefs follow what was delivered; quarrels.",
        r"A_{igk}\leftarrow A_{igk}+\alpha\,(Q_{igk}-A_{igk})",
        "7.20-7.24",
    ),
    (
        "Coordinate",
        "states",
        "A bloc with a quorum of free members sets a floor for bids, and votes on an office that may be bought.",
        r"\mathrm{floor}=\mathrm{coordination}\times\mathrm{highest\ losing\ bid}",
        "7.25",
    ),
    (
        "Learn",
        "states",
        "If learning is on, a state compares itself with another, and may copy it.",
        r"\mathrm{copy}\ j\ \mathrm{with}\ 1/(1+e^{-b(\pi_j-\pi_i)})",
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
