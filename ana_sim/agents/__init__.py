"""The Mesa agents: powers and small states."""

from ana_sim.agents.power import POWER_CLASSES, GreatPower, Hegemon, Region, RisingPower, ThirdPower
from ana_sim.agents.state import SmallState

__all__ = ["POWER_CLASSES", "GreatPower", "Hegemon", "Region", "RisingPower", "SmallState", "ThirdPower"]
