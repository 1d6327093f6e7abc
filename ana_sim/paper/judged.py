"""What the model is judged by: the patterns of the literature, and the record of trade."""

from __future__ import annotations

from ana_sim.paper.bench import Bench
from ana_sim.paper.item import Made, item


@item(11, "The score card of the stylised facts")
def facts(bench: Bench) -> Made:
    """All facts with their intervals and verdicts; hollow where the ablation does not break what holds."""
    from ana_sim.facts import REPLICATES, SCORING_SEED, card_table, parts_table, scored
    from ana_sim.facts.text import totals
    from ana_sim.figures.facts import card_figure

    replicates = 20 if bench.quick else REPLICATES
    done = scored((), replicates=replicates, seed=SCORING_SEED, workers=bench.workers, progress=bench.progress)
    card = card_table(done)
    notes = [f"{replicates} replicates, seed {SCORING_SEED}"]
    if bench.quick:
        notes.append(f"A quick look: with the {REPLICATES} replicates of the full set fewer are undecided")
    figure = card_figure(card, subtitle=". ".join(totals(done)[:2]), notes=notes)
    return Made({"facts": card, "facts_parts": parts_table(done)}, figure)


@item(12, "Hindcast and forecast, by state")
def hindcast(bench: Bench) -> Made:
    """China's part of each state's trade with both powers: the record, what was judged, and the forecast."""
    from ana_sim.hindcast.forecast import REPLICATES, SEED
    from ana_sim.hindcast.forecast import hindcast as run

    done = run(
        {}, replicates=100 if bench.quick else REPLICATES, seed=SEED, workers=bench.workers, progress=bench.progress
    )
    tables = {"hindcast": done.table, "hindcast_scores": done.scores, "hindcast_fits": done.fits}
    return Made(tables, done.states_figure())
