"""A tuple of arrays passed by its address: what many functions of one loop share, handed on as one word.

Compiled functions take a tuple apart into each array's address, shape and strides: that costs more, in compiling and in
running, than most of what the functions do. A handle has the tuple's attributes, and is read only.
"""

from __future__ import annotations

from typing import Any, TypeVar

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel import models
from numba.core.imputils import impl_ret_borrowed
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, lower_builtin, lower_getattr_generic, register_model, type_callable

T = TypeVar("T", bound=tuple[Any, ...])


def handle(parts: T) -> T:
    """Address of a named tuple, in compiled code; the tuple itself where the compiler is switched off.

    It is good until the compiled function that called this returns. Its parts are taken never to change (which is what
    makes it quick): so it is not to be made in a loop, nor in a function that is merged into one.
    """
    return parts


class HandleType(types.Type):
    """Type of a handle on a named tuple of type ``parts``."""

    def __init__(self, parts: Any) -> None:
        self.parts = parts
        super().__init__(name=f"handle({parts})")

    @property
    def key(self) -> Any:
        """What tells two of these types apart."""
        return self.parts


@register_model(HandleType)
class HandleModel(models.OpaqueModel):
    """A pointer."""


@type_callable(handle)
def _type_of_handle(context: Any) -> Any:
    def typer(parts: Any) -> Any:
        return HandleType(parts) if isinstance(parts, types.NamedTuple | types.NamedUniTuple) else None

    return typer


@lower_builtin(handle, types.NamedTuple)
@lower_builtin(handle, types.NamedUniTuple)
def _make_handle(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    place = cgutils.alloca_once_value(builder, arguments[0])
    return builder.bitcast(place, cgutils.voidptr_t)


@infer_getattr
class HandleAttributes(AttributeTemplate):
    """The attributes of the tuple."""

    key = HandleType

    def generic_resolve(self, value: HandleType, name: str) -> Any:  # type: ignore[override]
        """Type of the attribute ``name``."""
        if name in value.parts.fields:
            return value.parts.types[value.parts.fields.index(name)]
        return None


@lower_getattr_generic(HandleType)
def _attribute_of_handle(context: Any, builder: Any, kind: HandleType, value: Any, name: str) -> Any:
    place = kind.parts.fields.index(name)
    shape = context.get_value_type(kind.parts)
    parts = builder.bitcast(value, ir.PointerType(shape))
    part = builder.load(cgutils.gep_inbounds(builder, parts, 0, place))
    part.set_metadata("invariant.load", builder.module.add_metadata([]))
    return impl_ret_borrowed(context, builder, kind.parts.types[place], part)
