"""The Mesa agents: powers and small states."""

import warnings

with warnings.catch_warnings():  # in a notebook without ipywidgets: progress bars, of which there are none
    warnings.filterwarnings("ignore", message="IProgress not found")
    import mesa

from ana_sim.agents.power import POWER_CLASSES, GreatPower, Hegemon, Region, RisingPower, ThirdPower
from ana_sim.agents.state import SmallState

__all__ = ["POWER_CLASSES", "GreatPower", "Hegemon", "Region", "RisingPower", "SmallState", "ThirdPower", "mesa"]
