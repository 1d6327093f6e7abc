"""Files that a user names, read as a text, as rows or as a series of years."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

from ana_sim.errors import ScenarioError

__all__ = ["read_rows", "read_series", "read_text"]


def read_text(file: Path, shown: str | None = None) -> str:
    """Read a text file that a user named, `shown` as the user wrote it.

    Raises
    ------
    ScenarioError
        If it is missing, a folder, unreadable, empty or not a text.
    """
    try:
        if file.is_dir():
            raise ScenarioError("is a folder, not a file", file=shown or file)
        if not file.exists():
            raise ScenarioError("there is no such file", file=shown or file)
        if not file.is_file():
            raise ScenarioError("is not an ordinary file", file=shown or file)
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ScenarioError("is not a text file in UTF-8", file=shown or file) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ScenarioError(f"cannot be read ({reason})", file=shown or file) from None
    if "\0" in text:
        raise ScenarioError("is not a text file", file=shown or file)
    if not text.strip():
        raise ScenarioError("is empty", file=shown or file)
    return text


def read_rows(file: Path) -> tuple[list[str], list[list[str]]]:
    """Read a CSV's header and rows, stripped of blanks; rows without any entry are left out.

    Raises
    ------
    ScenarioError
        If the file cannot be read, a column comes twice, or a row is longer or shorter than the header.
    """
    try:
        lines = list(csv.reader(io.StringIO(read_text(file), newline=""), strict=True))
    except csv.Error as error:
        raise ScenarioError(f"is not a CSV ({error})", file=file) from None
    rows = [[cell.strip() for cell in line] for line in lines]
    rows = [row for row in rows if any(row)]
    if not rows:
        raise ScenarioError("is empty", file=file)
    header = rows.pop(0)
    for column in header:
        if header.count(column) > 1:
            raise ScenarioError("this column comes twice", file=file, path=f"column {column or '(blank)'}")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            reason = f"has {len(row)} cells where the header has {len(header)}"
            raise ScenarioError(reason, file=file, path=f"row {number} ({row[0]})")
    return header, rows


def read_series(file: Path) -> list[tuple[int, int | float]]:
    """Read a CSV with the columns year and value."""
    header, rows = read_rows(file)
    for column in ("year", "value"):
        if column not in header:
            raise ScenarioError("this column is required", file=file, path=f"column {column}")
    if not rows:
        raise ScenarioError("has no rows", file=file)
    series: dict[int, int | float] = {}
    for number, row in enumerate(rows, start=1):
        cells = {column: row[header.index(column)] for column in ("year", "value")}
        year = _number(cells["year"])
        if not isinstance(year, int) or not 0 <= year <= 9999:
            where = f"row {number}, column year"
            raise ScenarioError("must be a year", file=file, path=where, value=cells["year"])
        value = _number(cells["value"])
        if value is None or math.isnan(value):
            where = f"{year}, column value"
            raise ScenarioError("must be a number", file=file, path=where, value=cells["value"])
        if year in series:
            raise ScenarioError("this year comes twice", file=file, path=f"row {number}, column year", value=year)
        series[year] = value
    return sorted(series.items())


def _number(cell: str) -> int | float | None:
    for kind in (int, float):
        try:
            return kind(cell)
        except ValueError:
            continue
    return None
