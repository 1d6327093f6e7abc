"""The stylised facts that the model is judged by: what is claimed, the contrast, the ablation, the score."""

from ana_sim.facts import (
    bloc,
    capacity,
    decline,
    doctrine,
    hedging,
    need,
    offers,
    presence,
    pressure,
    quarrels,
    recognition,
    rivalry,
    sequencing,
)
from ana_sim.facts.card import REPLICATES, SCORING_SEED, TUNING_SEED, Score, card_table, fact_of, parts_table, scored
from ana_sim.facts.fact import FACTS, Ablation, Fact, Part

__all__ = [
    "FACTS",
    "REPLICATES",
    "SCORING_SEED",
    "TUNING_SEED",
    "Ablation",
    "Fact",
    "Part",
    "Score",
    "bloc",
    "capacity",
    "card_table",
    "decline",
    "doctrine",
    "fact_of",
    "hedging",
    "need",
    "offers",
    "parts_table",
    "presence",
    "pressure",
    "quarrels",
    "recognition",
    "rivalry",
    "scored",
    "sequencing",
]
