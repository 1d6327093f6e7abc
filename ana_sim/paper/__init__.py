"""The figures and tables of a paper, each made from a committed request.

An item is a figure with the tables behind it, or a table alone. What it runs is stated in the files of
``experiments/``; what it looks like is drawn by :mod:`ana_sim.figures`.
"""

from ana_sim.paper import bargains, judged, society, strategies, world  # they register their items
from ana_sim.paper.bench import Bench
from ana_sim.paper.item import ITEMS, Item, Made, PaperError, item_of

__all__ = [
    "ITEMS",
    "Bench",
    "Item",
    "Made",
    "PaperError",
    "bargains",
    "item_of",
    "judged",
    "society",
    "strategies",
    "world",
]
