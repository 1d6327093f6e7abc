"""One state's run told in words, year by year, from the tables of a recorded run.

Each event of the run is told once and nothing else is: what the tables do not say, such as why a power was asked
first, is left unsaid. The phrasing varies with the year only, so that the same run is always told the same way.
"""

from __future__ import annotations

import csv
import math
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ana_sim.agents import POOLED
from ana_sim.errors import ScenarioError, nearest
from ana_sim.figures import strategy_label
from ana_sim.state_table import BUILT_IN_TABLES
from ana_sim.tally import COMPONENTS

if TYPE_CHECKING:
    import pandas as pd

    from ana_sim.parameters import Issue
    from ana_sim.scenario import Scenario

__all__ = ["chronicle"]

_WIDTH: Final = 100
_SLACK: Final = 1e-9

_POWERS: Final = {
    "usa": ("the United States", "Washington"),
    "china": ("China", "Beijing"),
    "taipei": ("Taipei", "Taipei"),
    "hegemon": ("the hegemon", "the hegemon"),
    "rising": ("the rising power", "the rising power"),
    "third": ("the third power", "the third power"),
    "region": ("the region", "the region"),
}
_ROLES: Final = {
    "hegemon": "the hegemon",
    "rising": "the rising power",
    "third": "a third power",
    "region": "the region",
}
_WITH_ARTICLE: Final = ("Bahamas", "Dominican Republic")


class _Words(NamedTuple):
    """How an instrument is spoken of."""

    occasion: str
    """ "For a loan", before who is asked."""
    sought: str
    """ "sought a loan", after the state."""
    seeking: str
    """ "Seeking a loan", before the state."""
    deal: str
    """ "the loan", once it is known."""
    went: str
    """ "came from", between the deal and the power."""
    field: str
    """ "lending", from which a rival can be shut out."""


_WORDS: Final = {
    "fta": _Words(
        "for a free-trade agreement", "sought a free-trade agreement", "wanting a free-trade agreement",
        "the trade agreement", "was signed with", "free trade",
    ),
    "loan": _Words(
        "for a loan", "sought a loan", "in need of a loan", "the loan", "came from", "lending",
    ),
    "infrastructure": _Words(
        "for an infrastructure project", "had an infrastructure project to place",
        "with an infrastructure project to place", "the infrastructure project", "went to", "infrastructure",
    ),
    "network": _Words(
        "for a telecoms network", "had a telecoms network to build", "with a telecoms network to build",
        "the telecoms network", "went to", "telecoms networks",
    ),
    "membership": _Words(
        "for a seat at the table", "sought membership of a club of nations", "wanting a seat at the table",
        "the membership", "was taken up with", "membership",
    ),
    "investment": _Words(
        "for an investment", "sought an investor", "looking for an investor",
        "the investment", "came from", "investment",
    ),
    "arms": _Words(
        "for an arms purchase", "wanted to buy arms", "wanting to buy arms",
        "the arms deal", "was struck with", "arms",
    ),
    "health": _Words(
        "for vaccines and medicine", "sought vaccines and medicine", "in need of vaccines and medicine",
        "the health programme", "went to", "health",
    ),
    "recognition": _Words(
        "over its recognition", "reopened the question of recognition", "weighing whom to recognise",
        "recognition", "went to", "recognition",
    ),
}  # fmt: skip

_EIGHTHS: Final = {
    1: "an eighth", 2: "a quarter", 3: "three eighths", 4: "half",
    5: "five eighths", 6: "three quarters", 7: "seven eighths",
}  # fmt: skip

_MAIN_KINDS: Final = ("asked", "accepted", "pressed", "forced")
"""Events that tell which issue was the year's project, where the table of states does not."""


class _Event(NamedTuple):
    """A row of the table of events, of one state and year."""

    kind: str
    power: str
    issue: str
    offer: float
    share: float
    detail: str


class _Answered(NamedTuple):
    """A demand and how it was answered."""

    power: str
    issue: str
    kind: str


@dataclass
class _Year:
    """What happened to the state in a year, and what it was then; events are taken out as they are told."""

    year: int
    events: list[_Event]
    row: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)

    def take(self, *kinds: str, **wanted: str) -> list[_Event]:
        """Take out the events of these kinds whose fields are as wanted."""
        taken = [
            event
            for event in self.events
            if event.kind in kinds and all(getattr(event, key) == value for key, value in wanted.items())
        ]
        self.events = [event for event in self.events if not any(event is other for other in taken)]
        return taken

    @property
    def issue(self) -> str:
        """Issue of the year's project; "" for none."""
        if self.row:
            return str(self.row.get("issue", ""))
        own = (event.issue for event in self.events if event.kind in _MAIN_KINDS and _is_of_the_year(event))
        return next(own, "")

    def number(self, column: str) -> float:
        """A number of the year's row, or NaN."""
        return float(self.row.get(column, math.nan))

    def held_before(self, issue: str) -> list[str]:
        """Powers with a deal in force on an issue at the end of the year before."""
        return [name for name in str(self.before.get(f"holds_{issue}", "")).split(";") if name]

    def pick(self, *phrases: str, shift: int = 0) -> str:
        """One of the phrases, by the year."""
        return phrases[(self.year + shift) % len(phrases)]


def chronicle(events: pd.DataFrame, states: pd.DataFrame, scenario: Scenario, state: str) -> str:
    """Tell one state's run as a chronicle in words.

    Parameters
    ----------
    events, states : DataFrame
        The tables of a recorded run (``AnaModel(..., record=True)``, then ``model.record``); of all states or of one.
    scenario : Scenario
        The scenario that was run.
    state : str
        Name of the state, as in the tables.

    Returns
    -------
    str
        Lines of about 100 columns: a heading, a paragraph per year (quiet years together), and the sums.

    Raises
    ------
    ScenarioError
        If the scenario has no such state.

    Examples
    --------
    >>> from ana_sim import AnaModel
    >>> model = AnaModel("bipolar", overrides={"years": 3}, rng=1, record=True).run()
    >>> text = chronicle(model.record.events(), model.record.states(), model.scenario, "S0001")
    >>> text.splitlines()[0]
    'S0001, 2010-2012'
    """
    full_names = _full_names(scenario)
    if state not in scenario.state_names:
        words = {**{name: code for code, name in full_names.items()}, **{c: c for c in scenario.state_names}}
        near = nearest(state, words)
        raise ScenarioError(
            f"there is no such state in {scenario.name}", value=state, nearest=words[near] if near else None
        )
    years = _years(events, states, state)
    return _Teller(scenario, state, full_names).tell(years)


class _Teller:
    """Tells the years of one state, in the order in which a year is told."""

    def __init__(self, scenario: Scenario, state: str, full_names: Mapping[str, str]) -> None:
        self.scenario = scenario
        self.full_names = full_names
        self.name = self.state(state)
        self.issues = {issue.name: issue for issue in scenario.issue}
        instruments = Counter(issue.instrument for issue in scenario.issue)
        self.doubled = {issue.name for issue in scenario.issue if instruments[issue.instrument] > 1}
        self.struck: dict[str, int] = {}
        self.shut_out: dict[tuple[str, str], tuple[int, int]] = {}
        self.mentioned: set[str] = set()

    def tell(self, years: list[_Year]) -> str:
        """The whole chronicle."""
        if not years:
            return "\n".join([self.name[0].upper() + self.name[1:], *_wrapped("No year has been run.", "")])
        heading, closing = self.heading(years), self.closing(years)
        lines: list[str] = []
        quiet: list[_Year] = []
        for year in years:
            if not year.events and year.row.get("strategy") == year.before.get("strategy", year.row.get("strategy")):
                quiet.append(year)
                continue
            lines += self.quiet_years(quiet)
            quiet = []
            lines += _wrapped(self.year(year), f"{year.year}: ")
        lines += self.quiet_years(quiet)
        return "\n".join([*heading, "", *lines, "", *closing])

    # -- the frame -------------------------------------------------------------------------------------------------

    def heading(self, years: list[_Year]) -> list[str]:
        """Who, when, how, among whom, and what the numbers are."""
        scenario, first = self.scenario, years[0]
        title = f"{self.name[0].upper()}{self.name[1:]}, {_span(years[0].year, years[-1].year)}"
        text = f"One run of the scenario {scenario.name}" + (f" ({scenario.title})." if scenario.title else ".")
        if "strategy" in first.row:
            text += f" Strategy: {self.strategy(str(first.row['strategy']))}."
        powers = [f"{_power_words(power.name)[0]} ({_ROLES[power.role]})" for power in scenario.power]
        powers = [
            text.split(" (")[0] if text == f"{text.split(' (')[0]} ({text.split(' (')[0]})" else text for text in powers
        ]
        if powers:
            text += f" Powers: {_listed(powers)}."
        notes = (
            "Prices are those of a whole project per unit of the state's size: 1 = the hegemon's yearly budget per "
            "state at the start. An offer is what a power posts when it is asked; counter-bids may raise it."
        )
        towards, away = self.sides()
        if towards and away and any(event.kind == "turnover" for year in years for event in year.events):
            notes += f" Lean: above 0 towards {_listed(towards)}, below 0 towards {_listed(away)}."
        memory = scenario.world.memory_years
        if memory and any(event.kind == "refused" for year in years for event in year.events):
            notes += f" A power that refuses has no standing to object on that issue for {_years_long(memory)}."
        return [title, *_wrapped(text, ""), *_wrapped(notes, "")]

    def closing(self, years: list[_Year]) -> list[str]:
        """Sums over the years."""
        events = [event for year in years for event in year.events]
        count = Counter(event.kind for event in events)
        deals = Counter(event.power for event in events if event.kind == "accepted" and event.detail != "stays")
        parts = [f"{n} with {_power_words(power)[0]}" for power, n in deals.most_common()]
        text = f"In {_years_long(len(years))} {self.name} struck "
        text += f"{_listed(parts)}" if parts else "no deals"
        text = text.replace(" with ", " deal with " if deals and deals.most_common(1)[0][1] == 1 else " deals with ", 1)
        text += f". It asked {_times(count['asked'])} and was refused {_times(count['refused'])}"
        text += f"; it was pressed {_times(count['pressed'])}"
        if count["pressed"]:
            text += f", gave in {_times(count['complied'])} and resisted {_times(count['resisted'])}"
        text += f"; {count['cancelled'] or 'no'} deal{'' if count['cancelled'] == 1 else 's'} "
        text += f"{'was' if count['cancelled'] == 1 else 'were'} cancelled."
        rows = [year.row for year in years if "payoff" in year.row]
        if rows:
            means = {name: sum(float(row.get(name, 0.0)) for row in rows) / len(rows) for name in COMPONENTS}
            mean = sum(float(row["payoff"]) for row in rows) / len(rows)
            told = [
                f"{name.replace('_', ' ')} {value:+.2f}"
                for name, value in sorted(means.items(), key=lambda item: -abs(item[1]))
                if abs(value) >= 0.005
            ]
            text += f" Mean payoff: {mean:.2f} a year" + (f" ({', '.join(told)})." if told else ".")
        return _wrapped(text, "")

    def quiet_years(self, quiet: list[_Year]) -> list[str]:
        """Years without events, told together."""
        if not quiet:
            return []
        label = _span(quiet[0].year, quiet[-1].year)
        reasons = list(dict.fromkeys(reason for year in quiet if (reason := self.why_quiet(year))))
        text = "a quiet year" if len(quiet) == 1 else "quiet years"
        return _wrapped(text + (f"; {_listed(reasons)}" if reasons else "") + ".", f"{label}: ")

    def why_quiet(self, year: _Year) -> str:
        """Why nobody was asked about the year's project, as far as the tables say."""
        if year.issue not in self.issues:
            return ""
        issue = self.issues[year.issue]
        holders = year.held_before(issue.name)
        able = {power.name for power in self.scenario.power if issue.interest.get(power.name, 0.0) > 0.0}
        if issue.kind == "compatible" and issue.term == 0 and holders and able <= set(holders):
            return f"{self.words(issue.name).field} was already agreed with all who offer it"
        pool = self.pool(year, issue)
        text = f"nobody was asked {_unfor(self.words(issue.name).occasion)}"
        return text + (f", and the outside pool paid {_number(pool)}" if pool else "")

    # -- a year ----------------------------------------------------------------------------------------------------

    def year(self, year: _Year) -> str:
        """One year, in the order in which it happened."""
        self.mentioned = set()
        issue = year.issue
        sentences = [*self.opening(year), *self.due(year, issue)]
        sentences += self.project(year, issue)
        sentences += self.old_quarrels(year)
        sentences += self.insults(year)
        sentences += [self.plainly(event) for event in year.events]
        return " ".join(_sentence(sentence) for sentence in sentences)

    def opening(self, year: _Year) -> Iterator[str]:
        """A new strategy, shocks and governments."""
        if year.before and year.row.get("strategy") != year.before.get("strategy"):
            yield f"{self.name} changed its strategy: {self.strategy(str(year.row['strategy']))}"
        for event in year.take("shock"):
            where = "all states alike" if event.detail == "common" else self.name
            text = year.pick("a shock hit", "hard times came to", "a crisis struck") + f" {where}"
            need, before = year.number("need"), float(year.before.get("need", math.nan))
            if math.isfinite(need):
                text += f"; its need was {need:.2f}" + (f", after {before:.2f}" if math.isfinite(before) else "")
            yield text
        for event in year.take("turnover"):
            text = year.pick("a new government took office", "the government changed", "elections were lost and won")
            yield text + self.leaning(event.detail, float(year.before.get("lean", math.nan)))

    def leaning(self, detail: str, before: float) -> str:
        """Where a new government stands, from the detail of its event."""
        try:
            lean = float(detail.removeprefix("lean "))
        except ValueError:
            return ""
        towards, away = self.sides()
        near, far = (towards, away) if lean > 0.0 else (away, towards)
        if abs(lean) < 0.03 or not (near or far):
            words = "with no leaning to speak of"
        elif not near:
            words = f"cool towards {self.powers(far)}"
        elif abs(lean) < 0.15:
            words = f"a little closer to {self.powers(near)}"
            words += f" than to {self.powers(far)}" if far else ""
        else:
            words = f"{'leaning towards' if abs(lean) < 0.4 else 'firmly on the side of'} {self.powers(near)}"
        return f", {words} (lean {lean:+.2f}{f', after {before:+.2f}' if math.isfinite(before) else ''})"

    def due(self, year: _Year, project: str) -> Iterator[str]:
        """Deals that fall due, and whether anything took their place."""
        expired = year.take("expired")
        for issue in dict.fromkeys(event.issue for event in expired):
            since = f" of {self.struck[issue]}" if issue in self.struck else ""
            lenders = self.powers([event.power for event in expired if event.issue == issue])
            text = f"{self.words(issue).deal}{since} with {lenders} fell due"
            renewed = any(event.kind == "accepted" and event.issue == issue for event in year.events)
            if issue != project and not renewed:
                text += " and was not renewed"
            elif not renewed and not any(event.issue == issue for event in year.events):
                text += "; " + self.left_open(year, issue, "it was not renewed")
            elif renewed and not any(event.kind == "asked" and event.issue == issue for event in year.events):
                text += " and was renewed"
            yield text

    def project(self, year: _Year, issue: str) -> list[str]:
        """The year's project: who was asked, what came of it, who objected."""
        if not issue:
            return []
        renewing = f"{issue}" in {event.issue for event in year.expired} if False else self.renews(year, issue)
        return renewing and [] or []
