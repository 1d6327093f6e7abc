"""What lies in a sweep's folder: the names of its files, and the manifest that vouches for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, Field, ValidationError, model_validator

from ana_sim.provenance import COMPLETE, file_digest, read_manifest, write_manifest

__all__ = [
    "COPIES",
    "FAILURES",
    "MOST_PARTS",
    "POINTS",
    "RUNNING",
    "Entry",
    "Inventory",
    "Shard",
    "copies",
    "part_file",
    "shard_in_words",
]

MOST_PARTS: Final = 256
"""Parts that a sweep is cut into at most, so that its number of files has a bound."""

POINTS: Final = "points.parquet"
FAILURES: Final = "failures"
COPIES: Final = "csv"
"""Folder, inside a sweep's, of copies of its tables for other programs."""

RUNNING: Final = "running"
"""The state of a sweep that is not complete."""

Shard = tuple[int, int]
"""Number of a shard, from 0, and how many there are: every n-th part belongs to it."""


def part_file(table: str, part: int) -> str:
    """Return the name of a table's file of a part.

    Examples
    --------
    >>> part_file("payoffs", 3)
    'payoffs/part-0003.parquet'
    """
    return f"{table}/part-{part:04d}.parquet"


def copies(tables: Iterable[str]) -> list[str]:
    """Return the names of the copies of a sweep's tables for other programs.

    Examples
    --------
    >>> copies(["payoffs"])
    ['csv/points.csv', 'csv/payoffs.csv', 'csv/failures.csv', 'csv/columns.csv']
    """
    return [f"{COPIES}/{table}.csv" for table in ("points", *tables, FAILURES, "columns")]


def shard_in_words(shard: Shard | None) -> str:
    """Return what a folder holds: a shard, counted from 1, or the whole sweep.

    Examples
    --------
    >>> shard_in_words((3, 8)), shard_in_words((0, 8)), shard_in_words(None)
    ('shard 3/8', 'shard 8/8', 'the whole sweep')
    """
    return "the whole sweep" if shard is None else f"shard {shard[0] or shard[1]}/{shard[1]}"


@dataclass(frozen=True)
class Entry:
    """What the manifest vouches for in a file: its SHA-256, its size and its rows."""

    sha256: str
    bytes: int
    rows: int


class _Manifest(BaseModel):
    """What a manifest must say to be a sweep's; it may say more."""

    request: dict[str, Any]
    tables: tuple[Annotated[str, Field(pattern=r"^\w+$")], ...]
    parts: int = Field(ge=1, le=MOST_PARTS)
    shard: Shard | None
    points: str
    strategies: tuple[str, ...]
    sources: str
    versions: dict[str, str]
    outputs: dict[str, Entry]
    state: str

    @model_validator(mode="after")
    def _lists_the_files_of_a_sweep(self) -> _Manifest:
        known = {part_file(table, part) for table in (*self.tables, FAILURES) for part in range(self.parts)}
        if POINTS not in self.outputs or not self.outputs.keys() <= known | {POINTS}:
            raise ValueError("does not list the files of a sweep")
        return self


@dataclass(frozen=True)
class Inventory:
    """A sweep's folder as its manifest tells it.

    Attributes
    ----------
    folder : Path
        Where it lies.
    recorded : mapping
        All that the manifest says, but for the files and the state.
    tables : tuple of str
        The tables that are kept of every part.
    parts : int
        Parts that the whole sweep is cut into.
    shard : tuple of int, optional
        Which of them are to be here; all, where there is none.
    points : str
        SHA-256 of the contents of the points.
    files : mapping
        What is vouched for, by name: the points, and the parts that are done.
    state : str
        ``complete`` or ``running``.
    """

    folder: Path
    recorded: Mapping[str, Any]
    tables: tuple[str, ...]
    parts: int
    shard: Shard | None
    points: str
    files: Mapping[str, Entry]
    state: str

    @classmethod
    def of(cls, folder: Path, recorded: Mapping[str, Any] | None) -> Inventory:
        """Take a manifest as data.

        Raises
        ------
        ValueError
            If it is not a sweep's.
        """
        made = _Manifest.model_validate(recorded)
        rest = {key: value for key, value in (recorded or {}).items() if key not in ("outputs", "state")}
        return cls(folder, rest, made.tables, made.parts, made.shard, made.points, made.outputs, made.state)

    @classmethod
    def read(cls, folder: Path) -> Inventory | None:
        """Read a folder's manifest; None where there is none, or it is not a sweep's."""
        try:
            return cls.of(folder, read_manifest(folder))
        except ValidationError:
            return None

    def write(self) -> None:
        """Replace the folder's manifest.

        Raises
        ------
        OSError
            If it cannot be written; the old one is still there.
        """
        outputs = {name: asdict(self.files[name]) for name in sorted(self.files)}
        write_manifest(self.folder, {**self.recorded, "outputs": outputs, "state": self.state})

    @property
    def request(self) -> dict[str, Any]:
        """All that the results depend on."""
        return dict(self.recorded["request"])

    @property
    def own(self) -> list[int]:
        """The parts that are to be in this folder."""
        return [part for part in range(self.parts) if self.shard is None or part % self.shard[1] == self.shard[0]]

    @property
    def done(self) -> list[int]:
        """The parts that are in this folder."""
        return [part for part in self.own if all(part_file(table, part) in self.files for table in self.tables)]

    @property
    def missing(self) -> list[int]:
        """The parts that are not in this folder yet."""
        return sorted(set(self.own).difference(self.done))

    @property
    def complete(self) -> bool:
        """Whether all is there that is to be in this folder."""
        return self.state == COMPLETE and not self.missing

    def files_of(self, part: int) -> dict[str, Entry]:
        """Return the files of a part that is done, by name."""
        names = (part_file(table, part) for table in (*self.tables, FAILURES))
        return {name: self.files[name] for name in names if name in self.files}

    def intact(self, damaged: Iterable[str]) -> list[int]:
        """Return the parts that are done without those that have a damaged file."""
        bad = set(damaged)
        return [part for part in self.done if bad.isdisjoint(self.files_of(part))]

    def damage(self, name: str) -> str | None:
        """Say what is wrong with a file that is vouched for; None if it is what it was."""
        entry, path = self.files[name], self.folder / name
        try:
            size = path.stat().st_size
            if size != entry.bytes:
                return f"damaged (it has {size} bytes of {entry.bytes})"
            if file_digest(path) != entry.sha256:
                return "damaged (its checksum differs)"
        except FileNotFoundError:
            return "missing"
        except OSError as error:
            return f"damaged (it cannot be read: {error.strerror or error})"
        return None

    def damages(self) -> Iterator[tuple[str, str]]:
        """Go through all files; yield each that is not what it was, and what is wrong with it."""
        for name in sorted(self.files):
            wrong = self.damage(name)
            if wrong:
                yield name, wrong
