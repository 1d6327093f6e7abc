"""How a parameter is declared: with all that is known about it, in a table that refuses what is out of range."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import inf
from typing import Annotated, Any, Literal, LiteralString, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Strict,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

__all__ = [
    "AllOrNames",
    "Facts",
    "Flag",
    "Number",
    "NumberOrRange",
    "Range",
    "Table",
    "Text",
    "Texts",
    "Whole",
    "facts_of",
    "fields_of",
    "par",
    "plain",
    "table_in",
]

Number = Annotated[float, Strict()]
Whole = Annotated[int, Strict()]
Flag = Annotated[bool, Strict()]
Text = Annotated[str, Strict()]
Texts = tuple[Text, ...]
KeyedBy = Literal["power", "strategy"]


@dataclass(frozen=True)
class Facts:
    """What is known about a parameter beside its default and its meaning; see `par`."""

    source: str = ""
    unit: str = ""
    low: float | None = None
    high: float | None = None
    above_low: bool = False
    test_range: tuple[float, float] | None = None
    keyed_by: KeyedBy | None = None
    fixed: str | None = None

    def admits(self, value: float) -> bool:
        """Return whether a number lies within the validity range."""
        if value != value or (abs(value) == inf and value not in (self.low, self.high)):
            return False
        if self.low is not None and (value < self.low or (self.above_low and value == self.low)):
            return False
        return self.high is None or value <= self.high

    def range_in_words(self) -> LiteralString:
        """Say which numbers are admitted."""
        parts = []
        if self.low is not None:
            parts.append(f"above {self.low:g}" if self.above_low else f"at least {self.low:g}")
        if self.high is not None and self.high != inf:
            parts.append(f"at most {self.high:g}")
        words = "must be " + " and ".join(parts) if parts else "must be a finite number"
        return words if self.high != inf else words + " (inf is allowed)"


def par(
    default: Any = ...,
    *,
    meaning: str,
    source: str,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    above_low: bool = False,
    test_range: tuple[float, float] | None = None,
    follows: Callable[[dict[str, Any]], Any] | None = None,
    alias: str | None = None,
    keyed_by: KeyedBy | None = None,
    fixed: str | None = None,
) -> Any:
    """Declare a parameter: the one place where all that is known about it stands.

    Parameters
    ----------
    default
        Its value where no file states one.
    meaning, source, unit
        What it is, who says so ("trial": a bare default), and its unit.
    low, high
        The validity range, ends included; `inf` is a value only where `high` is `inf`.
    above_low
        Whether `low` itself is refused.
    test_range
        The frozen range of the no-foregone-conclusion test.
    follows
        The default as a function of the parameters declared before it.
    alias
        The key in files where it cannot be a Python name.
    keyed_by
        What the keys of a table of values are.
    fixed
        Why it cannot vary in time, if it cannot.
    """
    extra: Any = {"facts": Facts(source, unit, low, high, above_low, test_range, keyed_by, fixed)}
    if follows is not None:
        return Field(default_factory=follows, description=meaning, json_schema_extra=extra)
    return Field(default, description=meaning, json_schema_extra=extra, alias=alias)


def facts_of(field: FieldInfo) -> Facts:
    """Return what `par` recorded about a field."""
    extra: Any = field.json_schema_extra
    facts: Facts = extra["facts"] if extra else Facts()
    return facts


class Table(BaseModel):
    """A table of parameters: frozen, without unknown keys, every number within its validity range."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def news_since(self, before: Table) -> dict[str, tuple[Any, Any]]:
        """Return the parameters that differ from a table of the same class, each with its old and new value."""
        if before is self:
            return {}
        values = before.__dict__
        return {name: (values[name], value) for name, value in self.__dict__.items() if value != values[name]}

    def with_news(self, news: dict[str, tuple[Any, Any]]) -> Self | None:
        """Return this table with new values (`news_since`) in place of the old ones; None where it has others.

        What comes of it is valid, since no two parameters of a table bound each other.
        """
        if any(self.__dict__[name] != old for name, (old, _) in news.items()):
            return None
        return self.model_copy(update={name: new for name, (_, new) in news.items()}) if news else self

    @field_validator("*")
    @classmethod
    def _within_range(cls, value: Any, info: ValidationInfo) -> Any:
        facts = _facts_by_name(cls)[info.field_name or ""]
        if isinstance(value, dict):
            for key, entry in value.items():
                _check_range(entry, facts, str(key))
        else:
            _check_range(value, facts)
        return value


@cache
def _facts_by_name(table: type[Table]) -> dict[str, Facts]:
    return {name: facts_of(field) for name, field in table.model_fields.items()}


class Range(Table):
    """Bounds of a uniform draw."""

    low: Number
    high: Number

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise PydanticCustomError("range", "low must not be above high")
        return self


def _check_range(value: Any, facts: Facts, key: str = "") -> None:
    """Refuse a number, or a draw's bounds, outside the validity range."""
    if isinstance(value, Range):
        _check_range(value.low, facts, f"{key}.low".strip("."))
        _check_range(value.high, facts, f"{key}.high".strip("."))
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and not facts.admits(value):
        raise PydanticCustomError("out_of_range", facts.range_in_words(), {"value": value, "key": key})


def _number_or_range(value: Any) -> str:
    return "range" if isinstance(value, (dict, Range)) else "number"


def _word_or_list(value: Any) -> str:
    return "word" if isinstance(value, str) else "list"


NumberOrRange = Annotated[
    Annotated[Number, Tag("number")] | Annotated[Range, Tag("range")], Discriminator(_number_or_range)
]
AllOrNames = Annotated[
    Annotated[Literal["all"], Tag("word")] | Annotated[Texts, Tag("list")], Discriminator(_word_or_list)
]


def fields_of(table: type[Table]) -> dict[str, FieldInfo]:
    """Return a table's fields under the keys that users write."""
    return {field.alias or name: field for name, field in table.model_fields.items()}


def table_in(annotation: Any) -> type[Table] | None:
    """Return the table class inside a field's annotation (`Pressure`, `dict[str, Dials]`, ...), or None."""
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return annotation
    if typing.get_origin(annotation) in (dict, Annotated, typing.Union, types.UnionType):
        for part in typing.get_args(annotation):
            if (found := table_in(part)) is not None:
                return found
    return None


def plain(table: Table) -> dict[str, Any]:
    """Return a table as plain data under the keys that users write: what `validate` takes.

    A parameter that follows another one appears only where it was stated, so that it goes on following.
    """
    data: dict[str, Any] = _listed(table.model_dump(by_alias=True, exclude_none=True))
    for name, field in type(table).model_fields.items():
        if field.default_factory is not None and name not in table.model_fields_set:
            del data[name]
    return data


def _listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _listed(entry) for key, entry in value.items()}
    return [_listed(entry) for entry in value] if isinstance(value, (list, tuple)) else value
