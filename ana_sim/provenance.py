"""What was asked and what came of it, on record: a folder of results with its manifest."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ana_sim import __version__
from ana_sim.errors import AnaSimError

if TYPE_CHECKING:
    from ana_sim.scenario import Scenario

__all__ = [
    "COMPLETE",
    "MANIFEST",
    "NUMERIC",
    "PREFIX",
    "FolderError",
    "Results",
    "check_writable",
    "file_digest",
    "listed_files",
    "manifest",
    "new_folder",
    "own_entries",
    "read_manifest",
    "remove_files",
    "replacing",
    "request_hash",
    "sources_digest",
    "versions",
    "write_manifest",
]

MANIFEST: Final = "manifest.json"
COMPLETE: Final = "complete"
WRITING: Final = "writing"
PREFIX: Final = ".ana_sim-"
"""What the names of files begin with that are no results: unfinished ones, and locks."""

_LONGEST_NAME: Final = 255  # bytes, on the usual file systems
_PACKAGES: Final = (
    "mesa", "numpy", "numba", "pandas", "pyarrow", "scipy", "SALib", "matplotlib", "networkx", "pydantic",
)  # fmt: skip

NUMERIC: Final = ("numpy", "numba", "scipy", "SALib")
"""Packages on whose version numbers may depend to the last bit."""

Write = Callable[[Path], None]
"""Writes one file at the path that it is given."""


class FolderError(AnaSimError):
    """A folder that results cannot be put into."""


# -- hashes ----------------------------------------------------------------------------------------


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's contents.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def sources_digest() -> str:
    """Return the SHA-256 of all the package's Python sources, so that results of changed code are told apart."""
    package = Path(__file__).parent
    digest = hashlib.sha256()
    for source in sorted(package.rglob("*.py")):
        digest.update(source.relative_to(package).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(source.read_bytes()).digest())
    return digest.hexdigest()


def request_hash(command: str, request: Mapping[str, Any], scenario: Scenario) -> str:
    """Return ten hexadecimal digits that stand for a request: the same digits, the same results.

    Parameters
    ----------
    command
        The command's name.
    request
        All options that bear on the results, as plain data.
    scenario
        The world, with all settings made. Its contents count, and the name and title that results bear.
    """
    asked = {
        "command": command,
        "request": request,
        "scenario": [scenario.name, scenario.title, scenario.digest],
        "sources": sources_digest(),
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:10]


# -- the manifest ----------------------------------------------------------------------------------


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that results may depend on."""
    found = {"ana_sim": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            found[package] = metadata.version(package)
    return found


def manifest(
    command: str,
    request: Mapping[str, Any],
    scenario: Scenario,
    files: Mapping[str, str],
    *,
    arguments: Sequence[str] = (),
    state: str = COMPLETE,
) -> dict[str, Any]:
    """Return the record of a request and its results: all that it takes to make them again, and no time of day.

    Parameters
    ----------
    command, request, scenario
        As for `request_hash`.
    files
        SHA-256 of each file of results, by its name.
    arguments
        The command line as it was typed.
    state
        ``complete``, or ``writing`` while files are still being written.
    """
    return {
        "command": command,
        "arguments": list(arguments),
        "request": dict(request),
        "request_hash": request_hash(command, request, scenario),
        "seed": request.get("seed"),
        "scenario": {"name": scenario.name, "digest": scenario.digest, "toml": scenario.to_toml()},
        "sources": sources_digest(),
        "versions": versions(),
        "platform": {
            "system": platform.platform(),
            "machine": platform.machine(),
            "implementation": platform.python_implementation(),
        },
        "outputs": dict(files),
        "state": state,
    }


# -- writing ---------------------------------------------------------------------------------------


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary file beside `path` to write to, which takes its place, all at once, when that is done.

    Raises
    ------
    OSError
        If it cannot be written; its `filename` is `path`, and whatever was there is still there.

    Examples
    --------
    >>> with replacing(Path("numbers.txt")) as file:  # doctest: +SKIP
    ...     file.write_text("1 2 3", encoding="utf-8")
    """
    temporary = path.with_name(f"{PREFIX}{os.getpid()}-{path.name}")
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)  # Arrow wraps the reason in words of its own
        raise OSError(error.errno or 0, reason, str(path)) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _flush_folder(folder: Path) -> None:
    """Have a new name in a folder outlast a power cut, where the system can: Windows and some servers cannot."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def new_folder(folder: Path) -> Iterator[None]:
    """Make a folder, with those that it lies in; if what follows fails, take away those that are new and empty.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        with suppress(OSError):
            for place in made:
                place.rmdir()
        raise


def write_manifest(folder: Path, record: object) -> None:
    """Write a folder's manifest, in place of the old one.

    Raises
    ------
    OSError
        If it cannot be written; the old one is still there.
    """
    with replacing(folder / MANIFEST) as file:
        file.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


# -- folders ---------------------------------------------------------------------------------------


class Results:
    """A folder for the results of one request.

    Parameters
    ----------
    folder
        Where the results go; it need not exist.
    key
        The request's hash (`request_hash`).
    force
        Whether results that are there may be replaced.

    Attributes
    ----------
    folder
        Where the results go.
    complete
        Whether the results of this very request are there already.

    Raises
    ------
    FolderError
        If the folder cannot be written, or holds anything else. Nothing is created.
    """

    def __init__(self, folder: Path, key: str, *, force: bool = False) -> None:
        self.folder = folder
        self.complete = False
        check_writable(folder)
        recorded = read_manifest(folder)
        self._old = listed_files(recorded)
        if force:
            return
        if recorded is None:
            if own_entries(folder):
                raise FolderError(f"{folder}: is not empty; choose another --out, or replace with --force")
        elif recorded.get("request_hash") != key:
            raise FolderError(
                f"{folder}: holds the results of another request; choose another --out, or replace with --force"
            )
        elif recorded.get("state") == COMPLETE:
            self.complete = self._unchanged(recorded.get("outputs"))

    def begin(self, record: Callable[[Mapping[str, str], str], object]) -> None:
        """Claim the folder for this request before there are results, so that an interrupted run finds it again.

        Parameters
        ----------
        record
            As in `write`.

        Raises
        ------
        OSError
            If the folder cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        write_manifest(self.folder, record({}, WRITING))

    def write(self, files: Mapping[str, Write], record: Callable[[Mapping[str, str], str], object]) -> None:
        """Write the files and then the manifest; if that fails, take away what was created.

        Parameters
        ----------
        files
            What writes each file, by its name.
        record
            Makes the manifest of the files' SHA-256 and the state (``writing`` before the first, ``complete``
            after the last).

        Raises
        ------
        OSError
            If a file cannot be written.
        """
        fresh = not own_entries(self.folder)
        with new_folder(self.folder):
            try:
                write_manifest(self.folder, record({}, WRITING))
                remove_files(self.folder, (name for name in self._old if name not in files))
                digests = {}
                for name, write in files.items():
                    write(self.folder / name)
                    digests[name] = file_digest(self.folder / name)
                write_manifest(self.folder, record(digests, COMPLETE))
            except BaseException:
                with suppress(OSError):
                    for name in (*files, MANIFEST) if fresh else ():
                        (self.folder / name).unlink(missing_ok=True)
                raise

    def _unchanged(self, outputs: object) -> bool:
        """Whether all results are there; results that someone has changed are not to be lost."""
        if not isinstance(outputs, dict):
            return False
        for name in self._old:
            path = self.folder / name
            if not path.is_file():
                return False
            if file_digest(path) != outputs[name]:
                raise FolderError(f"{path}: was changed after it was written; replace it with --force")
        return True


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Return a folder's manifest, or None where there is none that can be read."""
    try:
        recorded = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return recorded if isinstance(recorded, dict) else None


def listed_files(recorded: Mapping[str, Any] | None) -> list[str]:
    """Return the files that a manifest calls its own: in its folder, or in one right inside it."""
    outputs = recorded.get("outputs") if recorded else None
    if not isinstance(outputs, dict):
        return []
    return [name for name in outputs if re.fullmatch(r"(?:(?!\.)[^/\\:]+/)?(?!\.)[^/\\:]+", name)]


def remove_files(folder: Path, names: Iterable[str]) -> None:
    """Remove files of a folder that are there, and the folders inside it that this leaves empty.

    Raises
    ------
    OSError
        If one cannot be removed.
    """
    paths = [folder / name for name in names]
    for path in paths:
        path.unlink(missing_ok=True)
    for inside in {path.parent for path in paths} - {folder}:
        with suppress(OSError):
            inside.rmdir()


def own_entries(folder: Path) -> list[str]:
    """Return what is in a folder, if there is one, but for what an interrupted run left."""
    if not folder.is_dir():
        return []
    return [name for name in os.listdir(folder) if not name.startswith(PREFIX)]


def check_writable(folder: Path) -> None:
    """Try to write where the folder is, or will be, and leave nothing behind.

    Raises
    ------
    FolderError
        If that fails, with the reason.
    """
    try:
        there = next(place for place in (folder, *folder.absolute().parents) if os.path.lexists(place))
        if not there.is_dir():
            raise FolderError(f"{there}: is a file, not a folder")
        with tempfile.TemporaryFile(dir=there, prefix=PREFIX):
            pass
    except OSError as error:
        raise FolderError(f"{folder}: cannot be written ({error.strerror or error})") from None
    if any(len(os.fsencode(part)) > _LONGEST_NAME for part in folder.parts):
        raise FolderError(f"{folder}: cannot be written (a name in it is too long)")
