"""Where a sweep is kept: part by part, so that it can be stopped at any moment and loses nothing.

The manifest vouches for the files that it lists, and is replaced, all at once, after each part. A file that it does not
list counts for nothing: its part is run again, and gives the same bytes.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from ana_sim.provenance import (
    COMPLETE,
    MANIFEST,
    PREFIX,
    FolderError,
    check_writable,
    file_digest,
    listed_files,
    new_folder,
    own_entries,
    read_manifest,
    remove_files,
    replacing,
)
from ana_sim.sweeps.layout import (
    COPIES,
    FAILURES,
    MOST_PARTS,
    POINTS,
    RUNNING,
    Entry,
    Inventory,
    Shard,
    copies,
    part_file,
    shard_in_words,
)
from ana_sim.sweeps.lock import LOCK, Lock
from ana_sim.sweeps.sameness import differences, other_form, other_versions
from ana_sim.sweeps.spec import SweepError
from ana_sim.tables import columns_of, write_parquet

__all__ = ["MOST_PARTS", "Store", "cut", "merge", "residue"]

Say = Callable[[str], None]

_MOST_SAID: Final = 10
_AWAY: Final = "choose another --out, or replace with --force"
_NO_MIXTURE: Final = "a table must not mix the two"


def cut(runs: int, each: int = 1) -> list[range]:
    """Cut a sweep into parts: ranges of flat indices of runs, which depend on nothing but the request.

    Parameters
    ----------
    runs
        How many there are.
    each
        How many a part has at least, where there are so many: fewer are not worth a file.

    Returns
    -------
    list of range
        At most `MOST_PARTS`, in order; their sizes differ by at most one.

    Examples
    --------
    >>> cut(7, each=3)
    [range(0, 3), range(3, 7)]
    """
    count = min(MOST_PARTS, max(1, runs // each))
    return [range(start, end) for start, end in pairwise(part * runs // count for part in range(count + 1))]


class Store:
    """A sweep's folder, open for writing; made by `open`, and to be closed.

    One process has it open at a time, and calls it from one thread at a time.
    """

    def __init__(self, held: Inventory, lock: Lock) -> None:
        self._held, self._lock = held, lock
        self._open = True

    @classmethod
    def open(
        cls,
        folder: Path,
        request: Mapping[str, Any],
        points: pa.Table,
        tables: Sequence[str],
        parts: int,
        *,
        record: Mapping[str, Any],
        shard: Shard | None = None,
        force: bool = False,
        say: Say,
    ) -> Self:
        """Open a folder to begin a sweep or to go on with it.

        Parameters
        ----------
        folder
            Where the sweep goes; it need not exist.
        request
            All that the results depend on, as data that JSON can hold. The order of keys counts.
        points
            A row per point: the table ``points``, every column documented in its schema (`ana_sim.tables.schema`).
        tables
            Names of the tables that each part has, ``failures`` aside.
        parts
            Parts that the whole sweep is cut into (`cut`).
        record
            What the manifest says besides: `ana_sim.provenance.manifest` of no files, with ``strategies``, a list of
            names.
        shard
            Which of how many shards this is: all parts whose index is ``shard[0]`` modulo ``shard[1]``, so that
            shards can be counted from 0 or from 1.
        force
            Whether what is there may be replaced, even if it is the same sweep.
        say
            Told, in a line each, which files are damaged.

        Raises
        ------
        FolderError
            If the folder cannot be written, another sweep is writing it, it holds anything else than this sweep, or
            going on would mix the results of two versions. What is there stays as it is.
        SweepError
            If there is no such shard.
        ValueError
            If the request is no data that JSON can hold, or the record lacks something.
        KeyError
            If a column of the points is not documented.
        OSError
            If a file cannot be written.
        """
        content, entry = _parquet(points)
        asked = {
            **record,
            "request": json.loads(json.dumps(request, allow_nan=False)),
            "tables": list(tables),
            "parts": parts,
            "shard": residue(shard),
            "points": _contents_digest(points),
            "outputs": {POINTS: dataclasses.asdict(entry)},
            "state": RUNNING,
        }
        ours = Inventory.of(folder, asked)
        check_writable(folder)
        with new_folder(folder):
            lock = Lock(folder, say)
            store = cls(ours, lock)
            try:
                if force or not own_entries(folder):
                    store._begin(content)
                else:
                    store._go_on(content, say)
            except BaseException:
                store.close()
                raise
            return store

    def _begin(self, points: pa.Buffer) -> None:
        """Begin a sweep, in place of what the manifest that is there lists."""
        old = Inventory.read(self.folder)
        names = listed_files(read_manifest(self.folder))
        if old is not None:
            names += [part_file(table, part) for table in (*old.tables, FAILURES) for part in range(MOST_PARTS)]
            names += copies(old.tables)
        _remove_unfinished(self.folder, old)
        remove_files(self.folder, names)
        try:
            # The manifest comes first, so that whatever a kill leaves behind is known as a sweep's.
            self._held.write()
            self._put_file(POINTS, points)
        except BaseException:
            with suppress(OSError):
                remove_files(self.folder, (MANIFEST, POINTS))
            raise

    def _go_on(self, points: pa.Buffer, say: Say) -> None:
        """Go on with the sweep that is there, if it is this one, with all that is intact."""
        ours, held = self._held, Inventory.read(self.folder)
        if held is None:
            there = "holds something else than a sweep" if read_manifest(self.folder) else "is not empty"
            raise FolderError(f"{self.folder}: {there}; {_AWAY}")
        versions = _check_same(held, ours)
        if versions and held.missing:
            raise FolderError(f"{self.folder}: was begun by {versions}, and {_NO_MIXTURE}; {_AWAY}")
        _remove_unfinished(self.folder, held)
        damaged = dict(held.damages())
        intact = held.intact(damaged)
        if versions and (intact != held.done or (damaged and held.points != ours.points)):
            name = next(iter(damaged))
            why = f"{damaged[name]}, and the sweep was made by {versions}: {_NO_MIXTURE}"
            raise FolderError(f"{self.folder / name}: {why}; {_AWAY}")
        again = {POINTS: "it is written again"}
        _tell([f"{name}: {why}; {again.get(name, 'it will be run again')}" for name, why in damaged.items()], say)
        files = {POINTS: held.files[POINTS]}
        if POINTS in damaged:
            self._put_file(POINTS, points)
            files[POINTS] = ours.files[POINTS]
        for part in intact:
            files |= held.files_of(part)
        self._held = held
        if files != held.files:
            self._keep(files, held.state if intact == held.done else RUNNING)

    # -- what is there --

    @property
    def folder(self) -> Path:
        """Where the sweep is kept."""
        return self._held.folder

    @property
    def done(self) -> list[int]:
        """The parts that are here."""
        return self._held.done

    @property
    def missing(self) -> list[int]:
        """The parts that are still to be run here."""
        return self._held.missing

    @property
    def complete(self) -> bool:
        """Whether the sweep, or this shard of it, is finished."""
        return self._held.complete

    # -- writing --

    def put(self, part: int, tables: Mapping[str, pa.Table], failures: pa.Table) -> None:
        """Keep the results of a part.

        Parameters
        ----------
        part
            Its index; one of `missing`.
        tables
            The tables by name, every column documented in its schema.
        failures
            The table ``failures``; it gets a file if it has rows.

        Raises
        ------
        ValueError
            If the part is not missing, or a table is.
        KeyError
            If a column is not documented.
        OSError
            If a file cannot be written; the part is still missing then, and all others are as they were.
        """
        if part not in self.missing:
            raise ValueError(f"part {part} is not missing")
        if set(tables) != set(self._held.tables):
            raise ValueError(f"part {part} has {', '.join(tables)}, not {', '.join(self._held.tables)}")
        contents = {part_file(name, part): _parquet(table) for name, table in tables.items()}
        if failures.num_rows:
            contents[part_file(FAILURES, part)] = _parquet(failures)
        else:  # those of a time when the part was killed, or damaged later
            remove_files(self.folder, [part_file(FAILURES, part)])
        for name, (content, _) in contents.items():
            self._put_file(name, content)
        self._keep({**self._held.files, **{name: entry for name, (_, entry) in contents.items()}}, RUNNING)

    def finish(self) -> None:
        """Record that nothing is missing.

        Raises
        ------
        ValueError
            If something is.
        OSError
            If the manifest cannot be written.
        """
        if self.missing:
            raise ValueError(f"parts {self.missing} are missing")
        if not self.complete:
            self._keep(self._held.files, COMPLETE)

    def close(self) -> None:
        """Let others write the folder."""
        if self._open:
            self._lock.release()
            self._open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _adopt(self, part: int, source: Inventory) -> None:
        """Copy a part from another folder of the same sweep."""
        files = source.files_of(part)
        for name, entry in files.items():
            (self.folder / name).parent.mkdir(exist_ok=True)
            with replacing(self.folder / name) as file:
                shutil.copyfile(source.folder / name, file)
                if file_digest(file) != entry.sha256:
                    raise FolderError(f"{source.folder / name}: was changed while it was read; merge again")
        self._keep({**self._held.files, **files}, RUNNING)

    def _put_file(self, name: str, content: pa.Buffer) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        with replacing(path) as file:
            file.write_bytes(content)

    def _keep(self, files: Mapping[str, Entry], state: str) -> None:
        """Replace the manifest, and only then believe it."""
        held = dataclasses.replace(self._held, files=files, state=state)
        held.write()
        self._held = held


def residue(shard: Shard | None) -> Shard | None:
    """Return a shard, counted from 1 or from 0, as parts are told to be its own: by their index modulo its number.

    Raises
    ------
    SweepError
        If there is no such shard.
    """
    if shard is None:
        return None
    index, count = shard
    if count < 1 or not 0 <= index <= count:
        raise SweepError(f"--shard = {index}/{count}: must be from 1/n to n/n, n shards in all")
    return index % count, count


def _check_same(held: Inventory, ours: Inventory) -> str | None:
    """Refuse a folder that holds another request, or another shard; return the versions that differ."""
    found = differences(held.request, ours.request)
    if found:
        raise FolderError(f"{held.folder}: holds another sweep: {found}; {_AWAY}")
    if held.shard != ours.shard:
        there, here = shard_in_words(held.shard), shard_in_words(ours.shard)
        raise FolderError(f"{held.folder}: holds {there}, and this is {here}; {_AWAY}")
    versions = other_versions(held, ours)
    form = None if versions else other_form(held, ours)
    if form:
        raise FolderError(f"{held.folder}: holds the same sweep with {form}; {_AWAY}")
    return versions


def _remove_unfinished(folder: Path, held: Inventory | None) -> None:
    """Remove what a killed process was writing; the lock tells that none writes any more."""
    inside = (*held.tables, FAILURES, COPIES) if held else ()
    for place in (folder, *(folder / table for table in inside)):
        for file in place.glob(f"{PREFIX}*"):
            if file.name != LOCK:
                file.unlink(missing_ok=True)


def _tell(lines: Sequence[str], say: Say) -> None:
    """Say a few lines, and how many more there are."""
    for line in lines[:_MOST_SAID]:
        say(line)
    if len(lines) > _MOST_SAID:
        say(f"and {len(lines) - _MOST_SAID} more files")


# -- merging ---------------------------------------------------------------------------------------


def merge(folders: Sequence[Path], out: Path, *, force: bool = False, say: Say) -> None:
    """Put the shards of a sweep together: the same files as if it had been run in one folder.

    Parameters
    ----------
    folders
        Folders of one sweep, in any order: its shards, or whole ones. They stay as they are.
    out
        Where the whole goes; it need not exist. An interrupted merge goes on.
    force
        Whether what is there may be replaced.
    say
        Told, in a line each, which files are damaged.

    Raises
    ------
    SweepError
        If no folder is named, or one holds no sweep.
    FolderError
        If they are not of one sweep and one set of versions, or have the same part with different results; if a part
        is in none of them; if `out` is one of them, holds anything else, or cannot be written.
    OSError
        If a file cannot be written.
    """
    held = [_held(folder) for folder in folders]
    if not held:
        raise SweepError("merge: names no folder")
    first = held[0]
    for one in held:
        if out.resolve() == one.folder.resolve():
            raise FolderError(f"{out}: is one of the folders to be merged; choose another --out")
        _check_mergeable(first, one)
    damaged = [dict(one.damages()) for one in held]
    told = [f"{one.folder / name}: {why}" for one, bad in zip(held, damaged, strict=True) for name, why in bad.items()]
    _tell(told, say)
    sources: dict[int, Inventory] = {}
    for one, bad in zip(held, damaged, strict=True):
        for part in one.intact(bad):
            _check_equal(part, sources.setdefault(part, one), one)
    _check_whole(held, set(range(first.parts)).difference(sources))
    points = [one.folder / POINTS for one, bad in zip(held, damaged, strict=True) if POINTS not in bad]
    if not points:
        raise FolderError(f"{first.folder / POINTS}: damaged, here and in all others; run one of them again to mend it")
    made = [{"shard": one.shard, "arguments": one.recorded.get("arguments")} for one in held]
    with Store.open(
        out,
        first.request,
        parquet.read_table(points[0]),
        first.tables,
        first.parts,
        record={**first.recorded, "merged": made},
        force=force,
        say=say,
    ) as store:
        for part in store.missing:
            store._adopt(part, sources[part])
        store.finish()


def _held(folder: Path) -> Inventory:
    held = Inventory.read(folder)
    if held is None:
        raise SweepError(f"{folder}: holds no sweep")
    return held


def _check_mergeable(first: Inventory, other: Inventory) -> None:
    """Refuse two folders that are not of one sweep."""
    found = differences(first.request, other.request)
    if found:
        raise FolderError(f"{other.folder}: is of another sweep than {first.folder}: {found}")
    versions = other_versions(first, other)
    if versions:
        raise FolderError(f"{other.folder}: {first.folder} was made by {versions}, and {_NO_MIXTURE}")
    form = other_form(first, other)
    if form:
        raise FolderError(f"{other.folder}: {first.folder} has the same sweep with {form}")


def _check_equal(part: int, one: Inventory, other: Inventory) -> None:
    """Refuse two folders that have the same part with different results."""
    ours, theirs = one.files_of(part), other.files_of(part)
    for name in {**ours, **theirs}:
        if ours.get(name) != theirs.get(name):
            raise FolderError(f"{other.folder / name}: is another in {one.folder}, though each is what it was made")


def _check_whole(held: Sequence[Inventory], missing: Iterable[int]) -> None:
    """Refuse to merge less than a whole sweep, and say what to run."""
    missing = sorted(missing)
    if not missing:
        return
    for one in held:
        lacking = set(missing).intersection(one.own)
        if lacking:
            parts = f"{len(lacking)} of the {len(one.own)} parts of {shard_in_words(one.shard)}"
            raise FolderError(f"{one.folder}: lacks {parts}; run it again to finish it")
    count = next(one.shard[1] for one in held if one.shard is not None)
    absent = [shard_in_words((index, count)) for index in sorted({part % count for part in missing})]
    raise FolderError(
        f"{', '.join(absent)}: in none of the folders; run the sweep with --{absent[0]} and an --out of its own"
    )


# -- contents --------------------------------------------------------------------------------------


def _parquet(table: pa.Table) -> tuple[pa.Buffer, Entry]:
    """Return a table as the bytes of its file, and what the manifest says about them.

    The checksum is taken before anything is written, so that it vouches for what was computed.
    """
    columns_of(table.schema)
    sink = pa.BufferOutputStream()
    write_parquet(_without_nan(table), sink)
    content = sink.getvalue()
    return content, Entry(hashlib.sha256(content).hexdigest(), content.size, table.num_rows)


def _without_nan(table: pa.Table) -> pa.Table:
    """Return a table in which a missing number is null: not every reader takes NaN for missing."""
    columns = [
        pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
        if pa.types.is_floating(column.type)
        else column
        for column in table.columns
    ]
    return pa.Table.from_arrays(columns, schema=table.schema)


def _contents_digest(table: pa.Table) -> str:
    """Return the SHA-256 of a table's names, types and values, whichever version of Arrow holds them."""
    digest = hashlib.sha256()
    for field, column in zip(table.schema, table.columns, strict=True):
        values = column.to_numpy()
        digest.update(json.dumps([field.name, str(field.type), len(values)]).encode())
        digest.update(values.tobytes() if values.dtype.kind in "iufb" else json.dumps(column.to_pylist()).encode())
    return digest.hexdigest()
