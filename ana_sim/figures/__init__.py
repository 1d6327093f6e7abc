"""Pictures that a reader grasps without the text.

Behind each stands a table, made by a function of its own.
"""

from ana_sim.figures.compare import compare_data, compare_figure
from ana_sim.figures.labels import strategy_label
from ana_sim.figures.style import save_figure

__all__ = ["compare_data", "compare_figure", "save_figure", "strategy_label"]
