"""What strategies are called in pictures."""

from __future__ import annotations

from typing import Final

__all__ = ["strategy_label"]

_LABELS: Final = {
    "align_hegemon": "align with the hegemon",
    "align_rising": "align with the rising power",
    "align_third": "align with the third power",
    "align_region": "align with the region",
    "shop": "ask around (shop)",
    "hedge": "hedge",
    "play_field": "play the field",
    "ana": "active non-alignment (ANA)",
    "abstain": "abstain",
    "equidistant": "equidistant",
    "random": "choose at random",
}


def strategy_label(name: str) -> str:
    """Name a strategy in words.

    Parameters
    ----------
    name : str
        A built-in strategy, ``align_<power>``, or one of the user's own.

    Returns
    -------
    str
        Such as "active non-alignment (ANA)" for ``ana``, "align with china" for ``align_china``; another name
        with its underscores as spaces.
    """
    if name in _LABELS:
        return _LABELS[name]
    if name.startswith("align_"):
        return "align with " + name.removeprefix("align_").replace("_", " ")
    return name.replace("_", " ")
