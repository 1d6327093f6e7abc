"""ana_sim: the reference simulation of active non-alignment.

How small states fare when a declining hegemon and a rising power bid for them. The names below are loaded when they are
first used, so that ``import ana_sim`` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ana_sim.comparison import compare as compare
    from ana_sim.model import AnaModel as AnaModel
    from ana_sim.scenario import Scenario as Scenario
    from ana_sim.simulation import simulate as simulate
    from ana_sim.strategy import Strategy as Strategy
    from ana_sim.sweeps.reading import read_sweep as read_sweep
    from ana_sim.sweeps.runner import sweep as sweep

__version__ = "0.1.0"

__all__ = ["AnaModel", "Scenario", "Strategy", "__version__", "compare", "read_sweep", "simulate", "sweep"]

_HOMES = {
    "AnaModel": "ana_sim.model",
    "Scenario": "ana_sim.scenario",
    "Strategy": "ana_sim.strategy",
    "compare": "ana_sim.comparison",
    "read_sweep": "ana_sim.sweeps.reading",
    "simulate": "ana_sim.simulation",
    "sweep": "ana_sim.sweeps.runner",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'ana_sim' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
