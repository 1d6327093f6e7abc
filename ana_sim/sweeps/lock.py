"""One writer of a folder at a time."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from ana_sim.provenance import PREFIX, FolderError

if sys.platform != "win32":
    import fcntl

__all__ = ["LOCK", "Lock"]

LOCK: Final = f"{PREFIX}lock"
"""Name of the file that is locked; it is there only while the folder is being written."""


class Lock:
    """Keeps others from writing a folder; the system releases it when the process ends, however it ends.

    POSIX locks are not inherited by forked processes, so that workers that outlive a killed sweep do not keep it. Nor
    do they hold within a process, so that one remembers its own.

    Parameters
    ----------
    folder : Path
        The folder, which is there.
    say : callable
        Told if the file system knows no locks.

    Raises
    ------
    FolderError
        If somebody else has it.
    OSError
        If the folder cannot be written.
    """

    _of_this_process: Final[set[Path]] = set()

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self._path = folder.resolve() / LOCK
        self._busy = FolderError(f"{folder}: another sweep is writing here; wait for it, or choose another --out")
        if self._path in self._of_this_process:
            raise self._busy
        self._file = self._path.open("ab")
        self._take(say)
        while not self._is_there():  # its last holder has just removed it
            self._file.close()
            self._file = self._path.open("ab")
            self._take(say)
        self._of_this_process.add(self._path)

    def release(self) -> None:
        """Release it, and leave no trace."""
        self._of_this_process.discard(self._path)
        with suppress(OSError):
            self._path.unlink()
        self._file.close()

    def _take(self, say: Callable[[str], None]) -> None:
        if sys.platform == "win32":
            return
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EAGAIN):
                self._file.close()
                raise self._busy from None
            say(f"{self._path.parent}: cannot be locked ({error.strerror}); let no other sweep write here")

    def _is_there(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._file.fileno()), self._path.stat())
        except FileNotFoundError:
            return False
