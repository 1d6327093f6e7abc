"""What happens to a hegemon's place while it is busy elsewhere, and when it comes back."""

from __future__ import annotations

from ana_sim.facts.fact import Ablation, Part, fact
from ana_sim.facts.lab import Lab, ratio
from ana_sim.panel import Floats, Panel

ABSENT = slice(6, 12)
"""Years in which the hegemon of the world `absent` is busy elsewhere; five more follow."""


@fact(
    "A",
    "e",
    "The hegemon is busy elsewhere",
    source="M, S",
    vary="H's openness down, then back",
    expect="R's and third powers' share up; H's not fully back after five years",
    falsified="symmetric",
    reading="what a hegemon leaves, others take; what was built with them while it was away stays when it returns",
    ablation=Ablation("all are the hegemon's allies, and ask nobody else", {"strategies.mix": {"align_hegemon": 1.0}}),
)
def absent_hegemon(lab: Lab) -> list[Part]:
    """Three powers; H's openness 1, then .28 for six years, then 1 for five, against 1 throughout; default mix.

    Shares of the others are their parts of what is settled in the six years. The return, a conjecture, is H's part of
    the shares in force at the end, and is not scored.
    """
    there, absent = (lab.run({"years": ABSENT.stop + 5}, base) for base in ("three_powers", "absent"))
    gains = [
        Part(f"{name}'s part of deals: H absent - there", settled(absent, power) - settled(there, power))
        for name, power in (("R", "rising"), ("the third", "third"))
    ]
    return [*gains, Part("(c) H's part in force not back", in_force(there) - in_force(absent), counts=False)]


def settled(panel: Panel, power: str) -> Floats:
    """A power's part of all shares settled in the years of absence, shape (R,)."""
    total = {name: panel["share", name][:, ABSENT].sum(axis=(1, 2)) for name in panel.columns.powers}
    return ratio(total[power], sum(total.values()))


def in_force(panel: Panel) -> Floats:
    """The hegemon's part of all shares in force at the end, shape (R,)."""
    columns = panel.columns
    total = {
        power: sum(panel["held", power, issue][:, -1].sum(axis=1) for issue in columns.issues)
        for power in columns.powers
    }
    return ratio(total["hegemon"], sum(total.values()))
