"""What a forecast must beat: that nothing changes, and that each state goes on as it did."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def persistence(ratio: Floats, ahead: int) -> Floats:
    """The last year's ratio for all the years ahead, from a record of shape (N, Y); shape (ahead, N)."""
    last: Floats = np.repeat(ratio[None, :, -1], ahead, axis=0)
    return last


def linear_trend(ratio: Floats, ahead: int) -> Floats:
    """Each state's least-squares line through its record of shape (N, Y), within 0 to 1; shape (ahead, N)."""
    years = np.arange(ratio.shape[1], dtype=np.float64)
    centred, mean = years - years.mean(), ratio.mean(axis=1)
    slope = (ratio - mean[:, None]) @ centred / (centred @ centred)
    coming: Floats = years[-1] + np.arange(1.0, ahead + 1.0) - years.mean()
    line: Floats = np.clip(mean + coming[:, None] * slope, 0.0, 1.0)
    return line


def mean_error(forecast: Floats, record: Floats, years: Sequence[int] | slice = slice(None)) -> float:
    """Mean absolute error over states and years; both of shape (T, N)."""
    return float(np.abs(forecast[years] - record[years]).mean())
