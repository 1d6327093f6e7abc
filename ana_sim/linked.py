"""Compiled functions of which only those that Python calls are optimised and made into machine code.

numba optimises and translates each compiled function by itself, together with all that it calls: what lies deep in a
tree of calls again and again. Here a function that compiled code calls is handed over as numba writes it down, and is
optimised once, within the function at the top that Python calls. That halves the time of a first start.
"""

from __future__ import annotations

from typing import Any

from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Flags, compile_extra
from numba.core.registry import CPUDispatcher
from numba.core.sigutils import normalize_signature
from numba.core.typing.templates import make_concrete_template


class _Part(JITCodeLibrary):
    """Code of a function that is linked into those that call it; no machine code is made of it alone.

    The two steps that are left out are numba's own; should it name them otherwise one day, they are taken, and
    compiling is slow but right.
    """

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalized = True


class Linked(CPUDispatcher):
    """A compiled function: to Python as numba's own, to compiled code a part that is linked in.

    It is made, and pickled, as numba's own. A part has no environment at run time, and is compiled before those that
    call it: it must not print, raise with a message that is made at run time, or call itself. To look into a rule, run
    it as plain Python (``NUMBA_DISABLE_JIT=1``).
    """

    _compiler: Any
    _cache: Any

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._parts: dict[tuple[Any, ...], Any] = {}

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """Types of the part, for a compiled function that calls it with arguments of these types; numba's hook."""
        declared, args = self._compiler.fold_argument_types(args, kws)
        part = self._part(tuple(args))
        name = self.py_func.__name__
        return make_concrete_template(name, key=name, signatures=[part.signature]), declared, args, {}

    def get_overload(self, sig: Any) -> Any:
        """What the part of that signature is known by to the compiler; numba's hook."""
        args, _ = normalize_signature(sig)
        return self, tuple(args)

    def _part(self, args: tuple[Any, ...]) -> Any:
        if args not in self._parts:
            typing, target = self.targetdescr.typing_context, self.targetdescr.target_context
            flags: Any = Flags()
            self.targetdescr.options.parse_as_flags(flags, self.targetoptions)
            flags.no_compile = flags.no_cpython_wrapper = flags.no_cfunc_wrapper = True
            library = _Part(target.codegen(), self.py_func.__qualname__)
            part = compile_extra(typing, target, self.py_func, args, None, flags, {}, library)
            target.insert_user_function((self, args), part.fndesc, [library])
            self._parts[args] = part
        return self._parts[args]
