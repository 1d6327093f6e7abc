"""Measures: expressions over the tables of a run, such as ``payoff[ana] - payoff[align_hegemon]``."""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ana_sim.errors import ScenarioError, suggestion
from ana_sim.names import check_identifier
from ana_sim.sweeps.spec import SweepError
from ana_sim.tables import PAYOFFS, POWERS, Column

__all__ = ["Measure", "Read"]

Floats = NDArray[np.float64]

Read = tuple[str, str, str]
"""What a measure reads: a table, a column, and a strategy or power."""

_KEYS: Final = ("point", "replicate", "seed")
_LONGEST: Final = 2000
_DEEPEST: Final = 100
_LONGEST_PIECE: Final = 60
_MAY_HAVE: Final = "a measure has numbers, column[name], + - * / **, comparisons, and, or, not, and functions"


def _truth(relation: Callable[..., Any]) -> Callable[..., Floats]:
    """Return a function that says 1.0 and 0.0 for true and false."""
    return lambda *values: np.asarray(relation(*values), dtype=np.float64)


def _over(operation: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Return a function of several values from one of two, taken from left to right."""
    return lambda *values: reduce(operation, values)


_APPLIED: Final[Mapping[str, Callable[..., Any]]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
    "negative": np.negative,
    "<": _truth(np.less),
    "<=": _truth(np.less_equal),
    ">": _truth(np.greater),
    ">=": _truth(np.greater_equal),
    "==": _truth(np.equal),
    "!=": _truth(np.not_equal),
    "and": _truth(_over(np.logical_and)),
    "or": _truth(_over(np.logical_or)),
    "not": _truth(np.logical_not),
    "abs": np.absolute,
    "sqrt": np.sqrt,
    "log": np.log,
    "exp": np.exp,
    "min": _over(np.minimum),
    "max": _over(np.maximum),
    "mean": lambda *values: reduce(np.add, values) / len(values),
}
"""What is applied to values, by its word: NumPy's, since Python's own raises where a number is divided by zero."""

_OF_ONE: Final = ("abs", "sqrt", "log", "exp")
_OF_SEVERAL: Final = ("min", "max", "mean")

# fmt: off
_WORDS: Final[Mapping[type[ast.AST], str]] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.USub: "negative",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.And: "and", ast.Or: "or", ast.Not: "not",
}
# fmt: on
_MEANT: Final[Mapping[type[ast.AST], str]] = {ast.BitXor: "**", ast.BitAnd: "and", ast.BitOr: "or", ast.Invert: "not"}


@dataclass(frozen=True)
class _Apply:
    """Replaces the last `count` values by what `words` make of them; several words are a chain of comparisons."""

    words: tuple[str, ...]
    count: int

    def of(self, values: Sequence[Any]) -> Any:
        if len(self.words) == 1:
            return _APPLIED[self.words[0]](*values)
        links = zip(self.words, values, values[1:], strict=False)
        return reduce(np.multiply, (_APPLIED[word](left, right) for word, left, right in links))


_Step = float | Read | _Apply


class Measure:
    """A number of each run, computed from its tables by an expression.

    The expression has numbers, ``+ - * / **``, comparisons and ``and``, ``or``, ``not`` (1.0 for true, 0.0 for false),
    the functions abs, sqrt, log, exp of one value and min, max, mean of several, and ``column[name]``: a column of
    ``payoffs`` with a strategy, or one of ``powers`` with a power, which is its mean over the years that count. The
    name may stand in quotes. It is Python's syntax with Python's precedences, but nothing is run by Python.

    Parameters
    ----------
    name : str
        What it is called: its column in ``measures``.
    text : str
        The expression.
    strategies : sequence of str
        Names of the strategies that are played.
    powers : sequence of str
        Names of the powers.
    known : sequence of str
        Names of the strategies that could be played.

    Attributes
    ----------
    name, text : str
        As given.
    reads : tuple of (table, column, name)
        What it needs, each once, in the order of the expression.

    Raises
    ------
    SweepError
        If the name is no name or the text no such expression; says which piece is at fault.

    Examples
    --------
    >>> premium = Measure("premium", "payoff[ana] - payoff[hedge]", strategies=["ana", "hedge"], powers=["hegemon"])
    >>> premium.reads
    (('payoffs', 'payoff', 'ana'), ('payoffs', 'payoff', 'hedge'))
    >>> premium.value(lambda table, column, name: np.array([0.5, 0.25]) if name == "ana" else np.array([0.25, 0.5]))
    array([ 0.25, -0.25])
    """

    def __init__(
        self, name: str, text: str, *, strategies: Sequence[str], powers: Sequence[str], known: Sequence[str] = ()
    ) -> None:
        self.name, self.text = name, text
        self._steps = tuple(_Parser(name, text, strategies, powers, known).steps())
        self.reads: tuple[Read, ...] = tuple(dict.fromkeys(step for step in self._steps if isinstance(step, tuple)))
        if not self.reads:
            raise _wrong(name, f"{_short(text)} reads no table: write column[name], as in payoff[ana]")

    def __repr__(self) -> str:
        return f"Measure({self.name!r}, {self.text!r})"

    def value(self, read: Callable[[str, str, str], Floats]) -> Floats:
        """Return the measure of each run.

        Parameters
        ----------
        read : callable
            Called once for each of `reads` with table, column and name; returns an array, shape (R,).

        Returns
        -------
        array, shape (R,)
            Not finite where something is divided by zero or has no value, without a warning.
        """
        columns = {own: np.asarray(read(*own), dtype=np.float64) for own in self.reads}
        stack: list[Any] = []
        with np.errstate(all="ignore"):
            for step in self._steps:
                if isinstance(step, _Apply):
                    values = stack[-step.count :]
                    stack[-step.count :] = [step.of(values)]
                else:
                    stack.append(columns[step] if isinstance(step, tuple) else step)
        return np.array(stack[0], dtype=np.float64)


class _Parser:
    """Reads an expression and says what is wrong with it."""

    def __init__(
        self, name: str, text: str, strategies: Sequence[str], powers: Sequence[str], known: Sequence[str]
    ) -> None:
        self.name, self.known = name, known
        self.text = " ".join(text.split())
        self.entries = {"payoffs": ("strategy", tuple(strategies)), "powers": ("power", tuple(powers))}
        self.columns = {
            "payoffs": _numbers(PAYOFFS, "payoff", powers),
            "powers": _numbers(POWERS, "capability", powers),
        }

    def steps(self) -> Iterator[_Step]:
        """Yield the expression as steps on a stack: operands first."""
        try:
            check_identifier(self.name, self.name)
        except ScenarioError as error:
            raise self.wrong(error.reason) from None
        if self.name in _KEYS:
            raise self.wrong("is the name of a column that tells runs apart: choose another")
        yield from self._steps(self._tree(), 1)

    def _tree(self) -> ast.expr:
        if not self.text:
            raise self.wrong("is empty")
        if len(self.text) > _LONGEST:
            raise self.wrong(f"is longer than {_LONGEST} characters")
        if "#" in self.text:
            # Lines are joined: a comment would swallow all that follows it.
            raise self.wrong("has a comment (#): leave it out")
        try:
            with warnings.catch_warnings():
                # Python warns of what it may read otherwise one day, such as 5and: here it is wrong today.
                warnings.simplefilter("error")
                return ast.parse(self.text, mode="eval").body
        except SyntaxError as error:
            rest = self.text[(error.offset or 1) - 1 :]
            raise self.wrong(f"is no expression: it cannot be read at {_short(rest) if rest else 'its end'}") from None
        except ValueError:
            raise self.wrong(f"is no expression: {_short(self.text)}") from None
        except (RecursionError, MemoryError):
            raise self._too_deep() from None

    def _steps(self, node: ast.expr, depth: int) -> Iterator[_Step]:
        # Depth is counted: Python's own limit would come as a RecursionError.
        if depth > _DEEPEST:
            raise self._too_deep()
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                yield self._number(value)
                return
            case ast.Subscript(value=ast.Name(id=column), slice=ast.Name(id=entry) | ast.Constant(value=str(entry))):
                yield self._read(column, entry)
                return
            case ast.Call(func=ast.Name(id=word), args=operands, keywords=[]):
                self._check_call(word, operands)
                words = [word]
            case ast.BinOp(left=left, op=operator, right=right):
                words, operands = [self._word(node, operator)], [left, right]
            case ast.UnaryOp(op=operator, operand=operand):
                words, operands = [self._word(node, operator)], [operand]
            case ast.BoolOp(op=operator, values=operands):
                words = [self._word(node, operator)]
            case ast.Compare(left=left, ops=operators, comparators=others):
                words, operands = [self._word(node, operator) for operator in operators], [left, *others]
            case _:
                raise self._not_allowed(node)
        for operand in operands:
            yield from self._steps(operand, depth + 1)
        yield _Apply(tuple(words), len(operands))

    def _number(self, value: float) -> float:
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self.wrong(f"{_short(str(value))} is too large a number")
        return number

    def _read(self, column: str, entry: str) -> Read:
        having = [table for table, columns in self.columns.items() if column in columns]
        if not having:
            near = suggestion(column, [*self.columns["payoffs"], *self.columns["powers"]])
            raise self.wrong(f"there is no column {column!r}{near}")
        found = [table for table in having if entry in self.entries[table][1]]
        if len(found) == 1:
            return found[0], column, entry
        if found:
            raise self.wrong(f"{column}[{entry}]: there is a strategy and a power of this name, and {column} of both")
        kinds = " or ".join(self.entries[table][0] for table in having)
        for kind, names in self.entries.values():
            if entry in names:
                raise self.wrong(f"{column}[{entry}]: {column} is that of a {kinds}, and {entry} is a {kind}")
        if entry in self.known and "payoffs" in having:
            raise self.wrong(
                f"{entry!r} is not compared here; levers.strategy names {', '.join(self.entries['payoffs'][1])}"
            )
        near = suggestion(entry, [name for table in having for name in self.entries[table][1]])
        raise self.wrong(f"there is no {kinds} {entry!r}{near}")

    def _word(self, node: ast.expr, operator: ast.AST) -> str:
        if (word := _WORDS.get(type(operator))) is None:
            raise self._not_allowed(node, _MEANT.get(type(operator)))
        return word

    def _check_call(self, word: str, operands: Sequence[ast.expr]) -> None:
        functions = (*_OF_ONE, *_OF_SEVERAL)
        if word not in functions:
            near = suggestion(word, functions) or f"; there are {', '.join(functions)}"
            raise self.wrong(f"there is no function {word!r}{near}")
        if word in _OF_ONE and len(operands) != 1:
            raise self.wrong(f"{word} takes one value, not {len(operands)}")
        if word in _OF_SEVERAL and len(operands) < 2:
            # Who writes one value means its mean over runs, which this is not.
            raise self.wrong(f"{word} takes two values or more of the same run, not {len(operands)}")

    def _not_allowed(self, node: ast.expr, meant: str | None = None) -> SweepError:
        piece = ast.get_source_segment(self.text, node) or self.text
        if isinstance(node, ast.Name):
            for table, (_, names) in self.entries.items():
                if node.id in self.columns[table] and names:
                    return self.wrong(f"{piece!r} says not whose: write {piece}[{names[0]}]")
        hint = f"; did you mean {meant!r}?" if meant else f": {_MAY_HAVE}"
        return self.wrong(f"{_short(piece)} cannot be read{hint}")

    def _too_deep(self) -> SweepError:
        return self.wrong(f"is nested more than {_DEEPEST} deep")

    def wrong(self, reason: str) -> SweepError:
        return _wrong(self.name, reason)


def _numbers(columns: Sequence[Column], first: str, powers: Sequence[str]) -> list[str]:
    """Return the columns of a table from `first` on, families one for each power."""
    start = [column.name for column in columns].index(first)
    names: list[str] = []
    for column in columns[start:]:
        names += [column.name] if column.stem is None else [f"{column.stem}{power}" for power in powers]
    return names


def _short(piece: str) -> str:
    text = repr(piece)
    return text if len(text) <= _LONGEST_PIECE else f"{text[: _LONGEST_PIECE - 4]}...{text[0]}"


def _wrong(name: str, reason: str) -> SweepError:
    return SweepError(" ".join(f"outputs.measures.{name}: {reason}".split()))
