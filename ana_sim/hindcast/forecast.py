"""The hindcast: fitted, judged and carried on, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ana_sim.hindcast.baselines import linear_trend, mean_error, persistence
from ana_sim.hindcast.gravity import LEVEL, Gravity, fit, quantiles
from ana_sim.hindcast.record import Record, read_record
from ana_sim.hindcast.worlds import Watched, watched, worlds
from ana_sim.simulation import Progress, check_request
from ana_sim.statistics import wilson_interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ana_sim.scenario import Scenario

Floats = NDArray[np.float64]

REPLICATES, SEED = 500, 1

FIRST, ANCHOR, LAST = 2001, 2005, 2010
"""The record's first year; the last that the judged run is fitted on; the record's last."""

TRADE, CLUB, RECOGNITION = "china_trade_ratio", "joins_club", "recognises_rising"
QUANTITIES: Final = (TRADE, CLUB, RECOGNITION)
COLUMNS: Final = ("state", "year", "quantity", "median", "low", "high")


@dataclass(frozen=True)
class Hindcast:
    """What came of it.

    Attributes
    ----------
    table : DataFrame
        `COLUMNS`: a row per state, year and quantity; 2006 to 2010 judged, then the forecast.
    scores : DataFrame
        A row per judged year and one for all: errors of the model and the baselines, and coverage.
    fits : DataFrame
        A row per fit: the years, the elasticities, the noise.
    record : Record
        What it was fitted on and judged by.
    replicates : int
        How many of each world.
    """

    table: pd.DataFrame
    scores: pd.DataFrame
    fits: pd.DataFrame
    record: Record
    replicates: int

    @property
    def text(self) -> str:
        """What came of it, for a terminal."""
        from ana_sim.hindcast.text import hindcast_text

        return hindcast_text(self)

    def figure(self) -> Figure:
        """The errors beside those of the baselines, and the probabilities by state in the last year."""
        from ana_sim.figures.hindcast import hindcast_figure

        return hindcast_figure(self.table, self.scores)

    def states_figure(self) -> Figure:
        """A panel per state: the record, the baselines, the judged run and the forecast."""
        from ana_sim.figures.hindcast import states_figure

        return states_figure(self.table, trade_table(self.record))


def hindcast(
    settings: Mapping[str, object] | None = None,
    *,
    replicates: int = REPLICATES,
    seed: int = SEED,
    workers: int | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Hindcast:
    """Fit on 2001 to 2005 and judge by 2006 to 2010; fit on 2001 to 2010 and forecast to the future world's end.

    Parameters
    ----------
    settings : mapping, optional
        Parameters of both worlds, by dotted path; what is fitted is fitted anew.
    replicates, seed : int
        How many of each world, and the seed of all luck.
    workers : int, optional
        Number of threads; as many as there are cores by default. Results do not depend on it.
    progress : callable, optional
        Called with the number of jobs done and their total, for one world after the other.
    executor : Executor, optional
        Where to run instead.

    Raises
    ------
    AnaSimError
        If the request is wrong.
    """
    check_request(replicates=replicates, workers=workers, engine="compiled", seed=seed)
    record = read_record()
    past, future = worlds(settings or {}, LAST, record.states)

    def run(scenario: Scenario) -> Watched:
        return watched(scenario, replicates, seed, workers=workers, progress=progress, executor=executor)

    return judged_and_forecast(record, run(past), run(future))


def judged_and_forecast(record: Record, past: Watched, future: Watched) -> Hindcast:
    """Make a hindcast of the record and what was watched in the two worlds.

    Parameters
    ----------
    record : Record
        From `FIRST` to `LAST`.
    past : Watched
        From `FIRST` or before to `LAST`; its first years are fitted, and the others judged.
    future : Watched
        From `LAST` on.
    """
    fitted = record.places()
    early = fit_between(record, past, ANCHOR, fitted)
    late = fit_between(record, past, LAST, fitted)
    judged, coming = past.between(ANCHOR, LAST), future.between(LAST, future.years[-1])
    middle = quantiles(early, record.of(ANCHOR), judged.ties, judged.size)
    beyond = quantiles(late, record.of(LAST), coming.ties, coming.size)
    replicates = len(past.ties)
    rows = [
        long_table(record.states, judged.years[1:], TRADE, middle),
        long_table(record.states, judged.years[1:], RECOGNITION, frequencies(judged.recognises[:, 1:])),
        long_table(record.states, coming.years[1:], TRADE, beyond),
        long_table(record.states, coming.years[1:], CLUB, frequencies(coming.joined[:, 1:])),
        long_table(record.states, coming.years[1:], RECOGNITION, frequencies(coming.recognises[:, 1:])),
    ]
    table = pd.concat(rows, ignore_index=True)
    order = {quantity: place for place, quantity in enumerate(QUANTITIES)}
    table = table.sort_values(
        ["state", "year", "quantity"], key=lambda column: column.map(order) if column.name == "quantity" else column
    )
    fits = pd.DataFrame([fit_row(FIRST, ANCHOR, early), fit_row(FIRST, LAST, late)])
    return Hindcast(table.reset_index(drop=True), scored(record, middle, fitted), fits, record, replicates)


def fit_between(record: Record, past: Watched, last: int, places: NDArray[np.intp]) -> Gravity:
    """Fit on the record from its first year to `last`, and on nothing after it."""
    years = past.between(FIRST, last)
    return fit(record.between(FIRST, last).ratio[places], years.ties[:, :, places], years.size)


def scored(record: Record, forecast: Floats, places: NDArray[np.intp]) -> pd.DataFrame:
    """Errors and coverage by judged year and in all, over the states at `places`; forecast of shape (3, T, N)."""
    known, truth = record.between(FIRST, ANCHOR), record.between(ANCHOR + 1, LAST)
    median, low, high = forecast[:, :, places]
    actual = truth.ratio[places].T
    ahead = len(truth.years)
    baselines = {
        "persistence": persistence(known.ratio[places], ahead),
        "trend": linear_trend(known.ratio[places], ahead),
    }
    rows = []
    for period, years in [(f"{truth.years[0]}-{truth.years[-1]}", slice(None))] + [
        (str(year), slice(place, place + 1)) for place, year in enumerate(truth.years)
    ]:
        errors = {name: mean_error(line, actual, years) for name, line in baselines.items()}
        under, over = actual[years] < low[years], actual[years] > high[years]
        rows.append(
            {
                "period": period,
                "states": len(places),
                "model": mean_error(median, actual, years),
                **errors,
                "coverage": 1.0 - float((under | over).mean()),
                "under": float(under.mean()),
                "over": float(over.mean()),
                "width": float((high - low)[years].mean()),
            }
        )
    return pd.DataFrame(rows)


def frequencies(held: NDArray[np.bool_]) -> Floats:
    """Shares of the replicates, shape (R, T, N), and their Wilson intervals at `LEVEL`; shape (3, T, N).

    What happens in none of them, as before a club is open, has an interval all the same.
    """
    runs, shares = len(held), held.mean(axis=0)
    ends = {share: wilson_interval(float(share), runs, level=LEVEL) for share in np.unique(shares)}
    low, high = (np.vectorize(lambda share, end=end: ends[share][end])(shares) for end in (0, 1))
    return np.array([shares, low, high])


def long_table(states: tuple[str, ...], years: tuple[int, ...], quantity: str, numbers: Floats) -> pd.DataFrame:
    """Rows of `COLUMNS` from an array of shape (3, T, N): median, low, high."""
    columns: dict[str, object] = {
        "state": list(states) * len(years),
        "year": np.repeat(np.array(years, dtype=np.int64), len(states)),
        "quantity": [quantity] * (len(states) * len(years)),
    }
    columns |= {name: each.ravel() for name, each in zip(COLUMNS[3:], numbers, strict=True)}
    return pd.DataFrame(columns)


def fit_row(first: int, last: int, mapping: Gravity) -> dict[str, object]:
    """A row of the table `hindcast_fits`."""
    return {
        "from_year": first,
        "to_year": last,
        "ties": mapping.ties,
        "size": mapping.size,
        "sigma": mapping.sigma,
        "changes": mapping.changes,
        "covered": mapping.covered,
    }


def trade_table(record: Record) -> pd.DataFrame:
    """The record as a table, with the baselines in the judged years: state, year, ratio, persistence, trend."""
    known = record.between(FIRST, ANCHOR)
    ahead = LAST - ANCHOR
    lines = {"persistence": persistence(known.ratio, ahead), "trend": linear_trend(known.ratio, ahead)}
    columns: dict[str, object] = {
        "state": np.repeat(np.array(record.states), len(record.years)),
        "year": np.tile(np.array(record.years, dtype=np.int64), len(record.states)),
        "ratio": record.ratio.ravel(),
    }
    for name, line in lines.items():
        padded = np.full(record.ratio.shape, np.nan)
        padded[:, -ahead:] = line.T
        columns[name] = padded.ravel()
    return pd.DataFrame(columns)
