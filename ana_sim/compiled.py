"""The decorator ``compiled``: numba with a cache that knows every source it depends on."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

from ana_sim.linked import Linked

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

F = TypeVar("F", bound=Callable[..., Any])

JIT_ENABLED: bool = not numba.config.DISABLE_JIT  # type: ignore[attr-defined]
"""False under ``NUMBA_DISABLE_JIT=1``: every rule then runs as plain Python, with the same results."""


@cache
def cache_directory() -> Path:
    """Folder of the compiled code, named by the hash of all the sources that are compiled.

    numba's own cache notices a change in the file of a function, but not in a function that it imports
    from another file; hence one folder per state of the sources.

    Returns
    -------
    Path
        Under the user's cache folder (``XDG_CACHE_HOME``, ``LOCALAPPDATA`` or ``~/.cache``).
    """
    package = Path(__file__).parent
    digest = hashlib.sha256(f"{sys.version}{numba.__version__}".encode())
    for source in sorted(package.rglob("*.py")):
        text = source.read_bytes()
        if source.parent.name in ("rules", "kernel") or b"@compiled" in text or b"numba" in text:
            digest.update(source.relative_to(package).as_posix().encode())
            digest.update(text)
    root = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    return Path(root) / "ana_sim" / digest.hexdigest()[:16]


def compiled(function: F, *, inline: bool = False, makes_arrays: bool = False) -> F:
    """Compile ``function`` to machine code, without the global interpreter lock and without fast maths.

    Parameters
    ----------
    function : callable
        A rule: scalars, records and arrays in, scalars out.
    inline : bool
        Whether the function is merged into those that call it.
    makes_arrays : bool
        Whether it makes arrays of its own. If not, it counts no references to those that it is given, which would cost
        more than many a rule.

    Returns
    -------
    callable
        The compiled function, or ``function`` itself where the compiler is switched off.
    """
    if not JIT_ENABLED:
        return function
    options: dict[str, Any] = {"nopython": True, "nogil": True, "error_model": "numpy"}
    options |= {"forceinline": inline, "_nrt": makes_arrays}
    settings: Any = numba.config
    before = settings.CACHE_DIR
    try:
        directory = cache_directory()
        directory.mkdir(parents=True, exist_ok=True)
        usable = os.access(directory, os.W_OK)
        settings.CACHE_DIR = str(directory) if usable else before
        made = Linked(function, targetoptions=options)
        if usable:
            made.enable_caching()
            _write_alone(made._cache._cache_file, directory / "lock")
    except OSError:
        made = Linked(function, targetoptions=options)
    finally:
        settings.CACHE_DIR = before
    return cast(F, made)


def _write_alone(file: Any, lock: Path) -> None:
    """Let one process at a time add to a function's cache.

    numba numbers a function's versions without a lock: two processes that compile at the same time could give two
    versions one number, and a third would run the one for the other.
    """
    if fcntl is None:
        return
    save = file.save

    def save_alone(key: Any, data: Any) -> None:
        with lock.open("a") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            save(key, data)

    file.save = save_alone


def compiled_inline(function: F) -> F:
    """Compile ``function`` like :func:`compiled`, and merge it into those that call it."""
    return compiled(function, inline=True)


def compiled_with_arrays(function: F) -> F:
    """Compile ``function`` like :func:`compiled`, though it makes arrays of its own."""
    return compiled(function, makes_arrays=True)
