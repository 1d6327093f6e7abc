"""A world to be simulated, read from files that build on each other."""

from ana_sim.scenario.files import builtin_cases, builtin_scenarios, stated_by
from ana_sim.scenario.scenario import Scenario
from ana_sim.scenario.settings import parse_setting

__all__ = ["Scenario", "builtin_cases", "builtin_scenarios", "parse_setting", "stated_by"]
