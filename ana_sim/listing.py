"""The parameters of a table as rows: one for each, with everything that is declared about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic.fields import FieldInfo

from ana_sim.declare import Range, Table, facts_of, fields_of, table_in

__all__ = ["ParameterInfo", "rows_of"]


@dataclass(frozen=True)
class ParameterInfo:
    """One row of the table of parameters: its validity range, and the frozen range of the test, if any."""

    path: str
    default: object
    unit: str
    low: float | None
    high: float | None
    test_low: float | None
    test_high: float | None
    meaning: str
    source: str


def rows_of(prefix: str, table: type[Table]) -> Iterator[ParameterInfo]:
    """Yield the parameters of a table and of the tables inside it, their paths beginning with `prefix`."""
    for key, field in fields_of(table).items():
        facts = facts_of(field)
        path = f"{prefix}.{key}".lstrip(".")
        if facts.keyed_by is not None:
            path += f".{facts.keyed_by.upper()}"
        inner = table_in(field.annotation)
        if inner is not None and inner is not Range:
            yield from rows_of(path, inner)
            continue
        test_low, test_high = facts.test_range or (None, None)
        yield ParameterInfo(
            path=path,
            default=_default(field),
            unit=facts.unit,
            low=facts.low,
            high=facts.high,
            test_low=test_low,
            test_high=test_high,
            meaning=field.description or "",
            source=facts.source,
        )


def _default(field: FieldInfo) -> object:
    if field.is_required():
        return None
    value = field.get_default(call_default_factory=True, validated_data={})
    return value.model_dump() if isinstance(value, Table) else value
