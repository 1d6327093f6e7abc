"""Who can afford active non-alignment: size and diplomatic skill."""

from __future__ import annotations

import numpy as np

from ana_sim.facts.fact import Ablation, Part, fact
from ana_sim.facts.lab import ALIGNED, Lab, mean, typical


@fact(
    "A",
    "e",
    "Active non-alignment is not only for middle powers",
    source="H",
    vary="size quartile",
    expect="ANA minus alignment > 0 in the smallest quartile",
    falsified="negative",
    reading="for its size a small state is courted as eagerly as a large one, so that it too can play",
    ablation=Ablation("powers bid for weight alone: pull rises with the square of size", {"world.size_pull": 2.0}),
)
def small_states_too(lab: Lab) -> list[Part]:
    """The three smallest of 12 states play ana, or align with either power, while the others keep the mix."""
    size = lab.run().size
    smallest = size <= np.sort(size, axis=1)[:, 2:3]
    ana, *aligned = (lab.run(play=play, who=smallest) for play in ("ana", *ALIGNED))
    gain, scale = mean(ana, "payoff", smallest), typical(ana, "terms", smallest)
    return [
        Part(f"smallest quartile: ana - {play}", gain - mean(panel, "payoff", smallest), scale)
        for play, panel in zip(ALIGNED, aligned, strict=True)
    ]


@fact(
    "A",
    "e",
    "Active non-alignment demands sophisticated diplomacy",
    source="H",
    vary="diplomatic capacity",
    expect="ANA's premium up in it; negative below a cut",
    falsified="flat",
    reading="asking around and letting powers bid takes people who can; without them an ally fares better",
    ablation=Ablation("to ask and to let powers bid costs nothing", {"world.ask_cost": 0.0, "world.bid_cost": 0.0}),
)
def skill(lab: Lab) -> list[Part]:
    """Premium of ana over alignment with the hegemon at capacities of .19 and .91, the percentiles of .1 to 1.

    The cut is looked for at the low one: there the premium must be a loss. Remarked upon: the same at the lower end of
    the range, .1.
    """
    (lowest, least), (low, terms), (high, _) = (
        lab.lead("ana", "align_hegemon", {"states.diplomatic_capacity": capacity}) for capacity in (0.1, 0.19, 0.91)
    )
    return [
        Part("ana's premium: capacity .91 - .19", high - low, terms),
        Part("ana's loss at .19", -low, terms),
        Part("(remark) ana's loss at .1", -lowest, least, counts=False),
    ]
