"""Plain data made a table of parameters, or refused in the user's terms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from ana_sim.declare import Table, fields_of, table_in
from ana_sim.errors import ScenarioError, nearest

__all__ = ["validate"]

T = TypeVar("T", bound=Table)

_TAGS: Final = ("number", "range", "word", "list", "[key]")
_WORDS: Final = {
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "string_type": "must be a text in quotes",
    "tuple_type": "must be a list",
    "dict_type": "must be a table",
    "model_type": "must be a table",
}


def validate(table: type[T], data: object, prefix: str, file: str | None = None) -> T:
    """Make a table from plain data.

    Raises
    ------
    ScenarioError
        In the user's terms, for the first thing that is wrong.
    """
    try:
        return table.model_validate(data)
    except ValidationError as error:
        raise _in_words(error, table, prefix, file) from None


def _in_words(error: ValidationError, table: type[Table], prefix: str, file: str | None) -> ScenarioError:
    """Turn the first error of pydantic into one line in the user's terms."""
    first = error.errors(include_url=False)[0]
    context: Mapping[str, Any] = first.get("ctx", {})
    keys, owner = _user_keys(first["loc"], table)
    if inner := context.get("key"):
        keys.append(inner)
    path = ".".join(part for part in (prefix, *keys) if part)
    kind = first["type"]
    if kind == "extra_forbidden":
        return ScenarioError(
            "there is no such parameter", file=file, path=path, nearest=nearest(keys[-1], fields_of(owner))
        )
    if kind == "missing":
        return ScenarioError("is missing", file=file, path=path)
    value = context.get("value", first["input"])
    if kind == "literal_error":
        options = _options(context["expected"])
        near = nearest(value, options) if isinstance(value, str) else None
        reason = f"must be one of {', '.join(options)}" if len(options) > 1 else f"must be {options[0]} or a list"
        return ScenarioError(reason, file=file, path=path, value=value, nearest=near)
    if kind in ("range", "change", "patron"):
        return ScenarioError(first["msg"], file=file, path=path)
    return ScenarioError(_WORDS.get(kind, first["msg"]), file=file, path=path, value=value)


def _user_keys(location: tuple[int | str, ...], table: type[Table]) -> tuple[list[str], type[Table]]:
    """Return the keys of an error's place without pydantic's own tags, and the table in which it is."""
    keys: list[str] = []
    owner = table
    for part in location:
        if part in _TAGS:
            continue
        keys.append(str(part))
        field = fields_of(owner).get(str(part))
        if field is not None and (inner := table_in(field.annotation)) is not None:
            owner = inner
    return keys, owner


def _options(expected: str) -> list[str]:
    return [word.strip("'") for word in expected.replace(" or ", ", ").split(", ")]
