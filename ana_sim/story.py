"""One state's run told in words, year by year, from the tables of a recorded run.

Each event of the run is told once and nothing else is: what the tables do not say, such as why a power was asked
first, is left unsaid. The phrasing varies with the year only, so that the same run is always told the same way.
"""

from __future__ import annotations

import csv
import math
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ana_sim.errors import ScenarioError, nearest
from ana_sim.figures import strategy_label
from ana_sim.state_table import BUILT_IN_TABLES
from ana_sim.tally import COMPONENTS
from ana_sim.world import POOLED

if TYPE_CHECKING:
    import pandas as pd

    from ana_sim.scenario import Scenario

__all__ = ["chronicle"]

_WIDTH: Final = 100
_INDENT: Final = 6
_SLACK: Final = 1e-9
_TOLD: Final = 0.005

_MIDWAY: Final = 0.03
_CLOSER: Final = 0.15
_FIRM: Final = 0.4
"""Leanings below which a government is midway, a little closer to one side, or leaning towards it."""

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

    thing: str
    """ "a loan", of which nobody was asked."""
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
    area: str
    """ "lending", from which a rival can be shut out."""


_WORDS: Final = {
    "fta": _Words(
        thing="a free-trade agreement",
        occasion="for a free-trade agreement",
        sought="sought a free-trade agreement",
        seeking="wanting a free-trade agreement",
        deal="the trade agreement",
        went="was signed with",
        area="free trade",
    ),
    "loan": _Words(
        thing="a loan",
        occasion="for a loan",
        sought="sought a loan",
        seeking="in need of a loan",
        deal="the loan",
        went="came from",
        area="lending",
    ),
    "infrastructure": _Words(
        thing="an infrastructure project",
        occasion="for an infrastructure project",
        sought="had an infrastructure project to place",
        seeking="with an infrastructure project to place",
        deal="the infrastructure project",
        went="went to",
        area="infrastructure",
    ),
    "network": _Words(
        thing="a telecoms network",
        occasion="for a telecoms network",
        sought="had a telecoms network to build",
        seeking="with a telecoms network to build",
        deal="the telecoms network",
        went="went to",
        area="telecoms networks",
    ),
    "membership": _Words(
        thing="membership of a club of nations",
        occasion="for a seat at the table",
        sought="sought membership of a club of nations",
        seeking="wanting a seat at the table",
        deal="the membership",
        went="was taken up with",
        area="membership",
    ),
    "investment": _Words(
        thing="an investment",
        occasion="for an investment",
        sought="sought an investor",
        seeking="looking for an investor",
        deal="the investment",
        went="came from",
        area="investment",
    ),
    "arms": _Words(
        thing="an arms purchase",
        occasion="for an arms purchase",
        sought="wanted to buy arms",
        seeking="wanting to buy arms",
        deal="the arms deal",
        went="was struck with",
        area="arms",
    ),
    "health": _Words(
        thing="vaccines and medicine",
        occasion="for vaccines and medicine",
        sought="sought vaccines and medicine",
        seeking="in need of vaccines and medicine",
        deal="the health programme",
        went="went to",
        area="health",
    ),
    "recognition": _Words(
        thing="its recognition",
        occasion="over its recognition",
        sought="reopened the question of recognition",
        seeking="weighing whom to recognise",
        deal="recognition",
        went="went to",
        area="recognition",
    ),
}
"""By instrument."""

_EIGHTHS: Final = {
    1: "an eighth", 2: "a quarter", 3: "three eighths", 4: "half",
    5: "five eighths", 6: "three quarters", 7: "seven eighths",
}  # fmt: skip


class _Event(NamedTuple):
    """A row of the table of events, of one state and year."""

    kind: str
    power: str = ""
    issue: str = ""
    offer: float = math.nan
    share: float = math.nan
    detail: str = ""


@dataclass
class _Year:
    """What happened to the state in a year, and what it was then; events are taken out as they are told."""

    year: int
    events: list[_Event] = field(default_factory=list)
    row: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)

    def take(self, *kinds: str, **wanted: str) -> list[_Event]:
        """Take out the events of these kinds whose fields are as wanted."""
        taken: list[_Event] = []
        left: list[_Event] = []
        for event in self.events:
            fits = event.kind in kinds and all(getattr(event, key) == value for key, value in wanted.items())
            (taken if fits else left).append(event)
        self.events = left
        return taken

    def has(self, kind: str) -> bool:
        """Whether there is still an event of a kind to tell."""
        return any(event.kind == kind for event in self.events)

    @property
    def issue(self) -> str:
        """Issue of the year's project; "" for none."""
        if self.row:
            return _text(self.row.get("issue"))
        own = ("asked", "accepted", "forced")
        return next((e.issue for e in self.events if e.kind in own and e.detail != "substitute"), "")

    @property
    def new_strategy(self) -> str:
        """Strategy that the state plays from this year on, if it is another than the year before; else ""."""
        now = _text(self.row.get("strategy"))
        return now if self.before and now != _text(self.before.get("strategy")) else ""

    def number(self, column: str) -> float:
        """A number of the year's row, or NaN."""
        return float(self.row.get(column, math.nan))

    def held_before(self, issue: str) -> list[str]:
        """Powers with a deal in force on an issue at the end of the year before."""
        return [name for name in _text(self.before.get(f"holds_{issue}")).split(";") if name]

    def pick(self, *phrases: str, shift: int = 0) -> str:
        """One of the phrases, by the year."""
        return phrases[(self.year + shift) % len(phrases)]


def chronicle(events: pd.DataFrame, states: pd.DataFrame, scenario: Scenario, state: str) -> str:
    """Tell one state's run as a chronicle in words.

    Parameters
    ----------
    events, states : DataFrame
        The tables of a recorded run (``AnaModel(..., record=True)``, then ``model.record``).
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
    >>> from ana_sim import AnaModel, Scenario
    >>> scenario = Scenario.load("bipolar").replace({"years": 3})
    >>> model = AnaModel(scenario, rng=1, record=True).run()
    >>> text = chronicle(model.record.events(), model.record.states(), scenario, "S0001")
    >>> text.splitlines()[0]
    'S0001, 2010-2012'
    """
    full_names = _full_names(scenario)
    if state not in scenario.state_names:
        codes = {name: code for code, name in full_names.items()} | {code: code for code in scenario.state_names}
        near = nearest(state, codes)
        raise ScenarioError(
            f"there is no such state in {scenario.name}",
            path="story",
            value=state,
            nearest=None if near is None else codes[near],
        )
    return _Teller(scenario, state, full_names).tell(_years(events, states, state))


class _Teller:
    """Tells the years of one state, each in the order in which it happened."""

    def __init__(self, scenario: Scenario, state: str, full_names: Mapping[str, str]) -> None:
        self.scenario = scenario
        self.full_names = full_names
        self.code, self.name = state, self.state(state)
        self.issues = {issue.name: issue for issue in scenario.issue}
        self.instruments = Counter(issue.instrument for issue in scenario.issue)
        self.struck: dict[str, int] = {}
        self.clauses: dict[tuple[str, str], tuple[int, int]] = {}
        self.mentioned: set[str] = set()

    def tell(self, years: list[_Year]) -> str:
        """The whole chronicle."""
        if not years:
            return "\n".join([_capital(self.name), "No year of it has been run."])
        heading, closing = self.heading(years), self.closing(years)
        lines: list[str] = []
        quiet: list[_Year] = []
        for year in years:
            if not year.events and not year.new_strategy:
                quiet.append(year)
                continue
            lines += [*self.quiet_years(quiet), *_wrapped(self.year(year), f"{year.year}: ")]
            quiet = []
        lines += self.quiet_years(quiet)
        return "\n".join([*heading, "", *lines, "", *closing])

    # -- the frame -------------------------------------------------------------------------------------------------

    def heading(self, years: list[_Year]) -> list[str]:
        """Who, when, how, among whom, and what the numbers are."""
        scenario = self.scenario
        kinds = {event.kind for year in years for event in year.events}
        text = f"One run of the scenario {scenario.name}" + (f": {scenario.title}." if scenario.title else ".")
        if strategy := _text(years[0].row.get("strategy")):
            text += f" Strategy: {self.strategy(strategy)}."
        if scenario.power:
            text += f" Powers: {_listed([_introduced(power.name, power.role) for power in scenario.power])}."
        notes = (
            "Prices are those of a whole project, per unit of the state's size: 1 = the hegemon's yearly budget per "
            "state at the start. An offer is what a power posts when it is asked; counter-bids may raise it."
        )
        memory = scenario.world.memory_years
        if memory and "refused" in kinds:
            notes += f" A power that refuses has no standing to object on that issue for {_years_long(memory)}."
        towards, away = self.sides()
        if towards and away and "turnover" in kinds:
            notes += f" Lean: above 0 to {_plain_powers(towards)}, below 0 to {_plain_powers(away)}."
        title = f"{_capital(self.name)}, {_span(years[0].year, years[-1].year)}"
        return [title, *_wrapped(text), *_wrapped(notes)]

    def closing(self, years: list[_Year]) -> list[str]:
        """Sums over the years."""
        events = [event for year in years for event in year.events]
        count = Counter(event.kind for event in events)
        deals = Counter(event.power for event in events if event.kind == "accepted" and event.detail != "stays")
        parts = [f"{n} with {_words_for(power)[0]}" for power, n in deals.most_common()]
        text = f"In {_years_long(len(years))}, deals struck: {_listed(parts) or 'none'}"
        text += " (a shared project counts for each)." if len(parts) > 1 else "."
        text += f" Powers asked: {count['asked']}; refusals: {count['refused']}. Times pressed: {count['pressed']}"
        if count["pressed"]:
            text += f", gave in {count['complied']}, resisted {count['resisted']}"
        text += f". Deals cancelled: {count['cancelled']}; not delivered: {count['undelivered']}."
        return [*_wrapped(text), *self.payoffs([year.row for year in years if "payoff" in year.row])]

    def payoffs(self, rows: Sequence[Mapping[str, Any]]) -> list[str]:
        """Mean payoff a year, and the components that it is made of, largest first."""
        if not rows:
            return []
        means = {name: sum(float(row[name]) for row in rows) / len(rows) for name in ("payoff", *COMPONENTS)}
        total = means.pop("payoff")
        told = [
            f"{name.replace('_', ' ')} {mean:+.2f}"
            for name, mean in sorted(means.items(), key=lambda item: -abs(item[1]))
            if abs(mean) >= _TOLD
        ]
        return _wrapped(f"Mean payoff a year: {total:.2f}" + (f" ({', '.join(told)})." if told else "."))

    def quiet_years(self, quiet: list[_Year]) -> list[str]:
        """Years without events, told together."""
        if not quiet:
            return []
        reasons = list(dict.fromkeys(reason for year in quiet if (reason := self.why_quiet(year))))
        text = "quiet years" if len(quiet) > 1 else "a quiet year"
        text += "; " + "; ".join(reasons) if reasons else ""
        return _wrapped(f"{text}.", f"{_span(quiet[0].year, quiet[-1].year)}: ")

    def why_quiet(self, year: _Year) -> str:
        """Why nobody was asked about the year's project, as far as the tables tell."""
        if not year.issue:
            return ""
        issue = self.issues[year.issue]
        able = {
            power.name
            for power in self.scenario.power
            if issue.interest.get(power.name, 0.0) > 0.0 and self.code not in power.excluded
        }
        if issue.kind != "exclusive" and not issue.term and able <= set(year.held_before(issue.name)):
            plural = self.words(issue.name).area.endswith("s")
            return f"{self.words(issue.name).area} {'were' if plural else 'was'} already agreed with all who bid for it"
        return f"nobody was asked about {self.words(issue.name).thing}{self.from_pool(year, issue.name)}"

    # -- a year ----------------------------------------------------------------------------------------------------

    def year(self, year: _Year) -> str:
        """One year, in the order in which it happened."""
        self.mentioned = set()
        issue, penalty = year.issue, self.cost_of_pressure(year)
        renewing = any(event.kind == "expired" and event.issue == issue for event in year.events)
        sentences = [*self.opening(year), *self.due(year, issue)]
        if issue:
            sentences += self.project(year, issue, renewing)
        sentences += [*self.old_quarrels(year), penalty, *self.insults(year)]
        sentences += [_in_short(event) for event in year.events]
        return " ".join(f"{_capital(sentence)}." for sentence in sentences if sentence)

    def opening(self, year: _Year) -> Iterator[str]:
        """A new strategy, shocks and governments."""
        if year.new_strategy:
            yield f"{self.name} changed its strategy: {self.strategy(year.new_strategy)}"
        for event in year.take("shock"):
            where = "all states alike" if event.detail == "common" else self.name
            text = f"{year.pick('a shock hit', 'hard times came to', 'a crisis struck')} {where}"
            need, before = year.number("need"), float(year.before.get("need", math.nan))
            if math.isfinite(need):
                text += f"; its need was {need:.2f}" + (f", after {before:.2f}" if math.isfinite(before) else "")
            yield text
        for event in year.take("turnover"):
            came = year.pick("a new government took office", "the government changed", "a new government came in")
            yield came + self.leaning(event.detail, float(year.before.get("lean", math.nan)))

    def leaning(self, detail: str, before: float) -> str:
        """Where a new government stands, from the detail of its event, and where the last one stood."""
        lean = float(detail.removeprefix("lean ") or math.nan)
        if not math.isfinite(lean):
            return ""
        towards, away = self.sides()
        near, far = (towards, away) if lean > 0.0 else (away, towards)
        if abs(lean) < _MIDWAY or not (near or far):
            words = "with no leaning to speak of"
        elif not near:
            words = f"cool towards {self.powers(far)}"
        elif abs(lean) < _CLOSER:
            words = f"a little closer to {self.powers(near)}" + (f" than to {self.powers(far)}" if far else "")
        else:
            words = f"{'leaning towards' if abs(lean) < _FIRM else 'firmly on the side of'} {self.powers(near)}"
        return f", {words} (lean {lean:+.2f}{f', after {before:+.2f}' if math.isfinite(before) else ''})"

    def due(self, year: _Year, project: str) -> Iterator[str]:
        """Deals that fall due; of several, only the year's project can be renewed."""
        expired = year.take("expired")
        for issue in dict.fromkeys(event.issue for event in expired):
            since = f" of {self.struck[issue]}" if issue in self.struck else ""
            lenders = self.powers([event.power for event in expired if event.issue == issue])
            text = f"{self.words(issue).deal}{since} with {lenders} fell due"
            yield text + ("" if issue == project else " and was not renewed")

    def cost_of_pressure(self, year: _Year) -> str:
        """What resisting cost, as the table of states has it: for the whole year."""
        cost = -year.number("pressure")
        sunk = any(event.kind == "cancelled" and event.detail.startswith("for ") for event in year.events)
        if year.has("forced") or sunk:
            return f"all in all, pressure cost {self.name} {_number(cost)}" if cost > 0.0 else ""
        if not year.has("resisted") or not math.isfinite(cost):
            return ""
        if cost <= 0.0:
            return year.pick("no penalty followed", "no penalty was felt", "it went unpunished")
        return year.pick("resisting cost it", "the penalty was") + f" {_number(cost)}"

    def insults(self, year: _Year) -> Iterator[str]:
        """Quarrels with powers and neighbours, whoever began."""
        met = [self.power(e.power) if e.power else self.state(e.detail) for e in year.take("insult")]
        if met:
            others = [name + (f" ({_times(n)})" if n > 1 else "") for name, n in Counter(met).items()]
            quarrelled = year.pick("traded insults", "exchanged harsh words", "quarrelled")
            yield f"{self.name} {quarrelled} with {_listed(others)}"

    # -- the year's project ----------------------------------------------------------------------------------------

    def project(self, year: _Year, issue: str, renewing: bool) -> Iterator[str]:
        """Who was asked, what was chosen, who objected, and what came of it."""
        asked = [event.power for event in year.take("asked", issue=issue)]
        refused = {event.power for event in year.take("refused", issue=issue)}
        posts = {event.power: event.offer for event in year.take("offered", issue=issue)}
        if asked:
            yield self.asking(year, issue, renewing, asked, refused, posts)
            for power in self.shut_out(year, issue):
                yield f"{self.power(power)} was still shut out by the clause of {self.clauses[issue, power][0]}"
        given_up = year.take("cancelled", issue=issue, detail="given up")
        by_force = year.take("cancelled", issue=issue, detail="by force")
        struck = [event for event in year.take("accepted", issue=issue) if event.detail != "substitute"]
        lost = {event.power: event for event in (*by_force, *given_up)}
        involved = [event.power for event in given_up or (*by_force, *struck)]
        demands = self.demands(year, issue, involved)
        forced = self.force(year, issue)
        outcome = self.outcome(year, issue, struck, posts, renewing)
        if not lost:
            yield from outcome if struck else [self.nothing(year, issue, renewing, bool(asked), len(posts))]
            yield from demands
            yield from forced
            return
        yield "; ".join(
            f"{self.portion(event, issue)} was to be {self.of(event.power)}{self.at(year, event, posts)}"
            for event in lost.values()
        )
        yield from demands
        for event in given_up:
            yield self.dropped(event, struck, by_force)
        yield from forced
        if by_force:
            yield f"what {self.powers([event.power for event in by_force])} had been given was cancelled by force"
        if struck:
            yield from outcome
        elif not by_force:
            yield f"nobody else was taken{self.from_pool(year, issue)}"

    def asking(
        self,
        year: _Year,
        issue: str,
        renewing: bool,
        asked: list[str],
        refused: set[str],
        posts: Mapping[str, float],
    ) -> str:
        """Who was asked, in which order, and what each answered."""
        words, last = self.words(issue), len(asked) - 1
        answers = []
        for place, power in enumerate(asked):
            refusal = year.pick("refused", "declined", "would not bid", shift=place) if power in refused else ""
            answers.append(f"offered {_number(posts[power])}" if power in posts else refusal)
        if year.year % 3 == 1:
            text = f"{self.name} {'sought to renew it' if renewing else words.sought}. "
            turns = (
                ("was asked first and", "was asked next and", "was asked last and")
                if last
                else ("alone was asked and",)
            )
            told = [
                f"{self.power(power)} {_turn(place, last, turns)} {answer}".removesuffix(" and ")
                for place, (power, answer) in enumerate(zip(asked, answers, strict=True))
            ]
            return text + _capital("; ".join(told))
        if year.year % 3 == 0:
            text = f"{'to renew it' if renewing else words.occasion} {self.name} asked"
            turns = ("first", "then", "last") if last else ("only",)
        else:
            text = f"{'seeking to renew it' if renewing else words.seeking}, {self.name} turned"
            turns = ("first to", "then to", "last to") if last else ("only to",)
        told = [
            f"{_turn(place, last, turns)} {self.power(power)}, which {answer}".removesuffix(", which ")
            for place, (power, answer) in enumerate(zip(asked, answers, strict=True))
        ]
        return f"{text} {', '.join(told)}"

    def outcome(
        self, year: _Year, issue: str, struck: list[_Event], posts: Mapping[str, float], renewing: bool
    ) -> Iterator[str]:
        """What was agreed with whom at what price, and who did not deliver."""
        kind, words, first = self.issues[issue].kind, self.words(issue), struck[0]
        preposition = words.went.rsplit(" ", 1)[-1]
        clauses = [c for e in struck for c in year.take("excluded", issue=issue, power=e.power)]
        switched = year.take("switched", issue=issue, power=first.power)
        if switched:
            old = self.power(switched[0].detail.removeprefix("from "))
            text = f"{words.deal} passed from {old} to {self.power(first.power)}{self.at(year, first, posts)}"
        elif first.detail == "stays":
            text = f"{words.deal} stayed with {self.power(first.power)}{self.at(year, first, posts)}"
        elif len(struck) == 1:
            text = f"{self.portion(first, issue)} {words.went} {self.power(first.power)}"
            text += self.for_clause(first, posts) if clauses else self.at(year, first, posts)
        else:
            parts = [
                (f"{_fraction(event.share)} {preposition} " if kind == "divisible" else "")
                + f"{self.power(event.power)} ({self.price(year, event, posts)})"
                for event in struck
            ]
            text = f"{words.deal} {'was split:' if kind == 'divisible' else words.went} {_listed(parts)}"
        text += "".join(f"; {part}" for part in self.conditions(year, issue, struck, clauses, renewing))
        if first.detail != "stays":
            self.struck[issue] = year.year
        yield text
        yield from self.broken_promises(year, issue)

    def conditions(
        self, year: _Year, issue: str, struck: list[_Event], clauses: list[_Event], renewing: bool
    ) -> Iterator[str]:
        """What else a deal means: who is shut out, what is left, when it falls due, whose it replaces."""
        terms, step = self.issues[issue], year.year - self.scenario.start
        for event in clauses:
            until = year.year + self.scenario.at(step).world.clause_term
            self.clauses[issue, event.detail] = (year.year, until)
            yield f"for that, {self.power(event.detail)} was shut out of {self.words(issue).area} until {until}"
        if terms.kind == "divisible" and 1.0 - sum(event.share for event in struck) > _SLACK:
            yield f"the rest was left open{self.from_pool(year, issue)}"
        if terms.term:
            yield f"it was to run until {year.year + terms.term}"
        holders = year.held_before(issue)
        if terms.kind == "divisible" and not renewing and holders and set(holders) != {e.power for e in struck}:
            yield f"the one before had been with {self.powers(holders)}"

    def nothing(self, year: _Year, issue: str, renewing: bool, asked: bool, offers: int) -> str:
        """How a project ended that nobody was given."""
        if not asked:
            return "nobody was asked to renew it" + self.from_pool(year, issue) if renewing else self.why_quiet(year)
        if offers:
            text = "the offer was not taken" if offers == 1 else "no offer was taken"
        else:
            text = year.pick("no deal came of it", "nothing could be signed")
        return text + (self.from_pool(year, issue) or (", and it was not renewed" if renewing else ""))

    def dropped(self, lost: _Event, struck: list[_Event], by_force: list[_Event]) -> str:
        """What giving in did to one power's part."""
        left = [event.share for event in (*struck, *by_force) if event.power == lost.power]
        return f"{self.of(lost.power)} part was " + (f"cut to {_fraction(left[0])}" if left else "dropped")

    def broken_promises(self, year: _Year, issue: str) -> Iterator[str]:
        """Powers that did not deliver what was agreed this year."""
        for place, event in enumerate(year.take("undelivered", issue=issue)):
            yield (
                self.power(event.power)
                + " "
                + year.pick(
                    "did not deliver, and nothing was paid",
                    "failed to deliver that year",
                    "then broke its word and paid nothing",
                    shift=place,
                )
            )

    def force(self, year: _Year, issue: str) -> Iterator[str]:
        """The use of force against the project."""
        for event in year.take("forced", issue=issue):
            aside = f" (a {event.detail})" if event.detail else ""
            used = year.pick("used", "resorted to")
            yield f"{self.power(event.power)} {used} force against {self.words(issue).deal}{aside}"

    # -- pressure --------------------------------------------------------------------------------------------------

    def demands(self, year: _Year, issue: str, involved: list[str]) -> Iterator[str]:
        """Who pressed on the new deal, and whether the state gave in."""
        for place, event in enumerate(year.take("pressed", issue=issue, detail="new deal")):
            who = self.power(event.power)
            how = year.pick("objected and pressed", "pressed", "would not have it and pressed", shift=place)
            rivals = [power for power in involved if power != event.power]
            over = f"{_listed([self.of(power) for power in rivals])} part" if rivals else self.words(issue).deal
            yield f"{who} {how} {self.name} over {over}{self.answer(year, event, place)}"

    def old_quarrels(self, year: _Year) -> Iterator[str]:
        """Who pressed a new government over a standing deal, and what became of it."""
        issues = []
        for place, event in enumerate(year.take("pressed", detail="standing deal")):
            issues.append(event.issue)
            who = self.power(event.power)
            how = year.pick(
                "saw its chance with the new government and pressed", "pressed the new government of", shift=place
            )
            holders = [power for power in year.held_before(event.issue) if power != event.power]
            deal = self.words(event.issue).deal + (f" with {self.powers(holders)}" if holders else "")
            yield f"{who} {how} {self.name} over {deal}{self.answer(year, event, place)}"
        for issue in dict.fromkeys(issues):
            for event in year.take("cancelled", issue=issue):
                price = f", at {_number(event.offer)}," if event.offer > 0.0 else ""
                yield f"{self.portion(event, issue)} with {self.power(event.power)}{price} was cancelled"
            for event in year.take("accepted", issue=issue, detail="substitute"):
                self.struck[issue] = year.year
                yield f"{self.power(event.power)} took over, at {_number(event.offer)}"
            yield from self.broken_promises(year, issue)

    def answer(self, year: _Year, demand: _Event, place: int) -> str:
        """How a demand was answered."""
        answers = year.take("complied", "resisted", power=demand.power, issue=demand.issue)
        if not answers:
            return ""
        if answers[0].kind == "complied":
            return "; " + year.pick("it gave in", "it yielded", "it bowed to the demand", shift=place)
        return "; " + year.pick("it held firm", "it stood its ground", "it would not budge", shift=place)

    # -- words -----------------------------------------------------------------------------------------------------

    def at(self, year: _Year, event: _Event, posts: Mapping[str, float]) -> str:
        """The price of a deal, as the end of a sentence."""
        price = self.price(year, event, posts)
        return f", at {price}" if price else ""

    def price(self, year: _Year, event: _Event, posts: Mapping[str, float]) -> str:
        """The price of a deal, and what had been offered."""
        if not math.isfinite(event.offer):
            return ""
        paid, post = _number(event.offer), posts.get(event.power, math.nan)
        if not math.isfinite(post):
            return paid
        offered = _number(post)
        if paid == offered:
            return f"{paid}{year.pick(' as offered', ', the price offered')}"
        if event.offer < post:
            return f"{paid}, below the {offered} offered"
        return f"{paid}, " + year.pick("up from {} after counter-bids", "bid up from {}").format(offered)

    def for_clause(self, event: _Event, posts: Mapping[str, float]) -> str:
        """The price of a deal with an exclusion clause, and what had been offered without it."""
        post = posts.get(event.power, math.nan)
        paid, offered = _number(event.offer), _number(post) if math.isfinite(post) else ""
        return f", at {paid}" + (f" instead of {offered}" if offered not in ("", paid) else "")

    def portion(self, event: _Event, issue: str) -> str:
        """The part of a project that a deal covers."""
        deal = self.words(issue).deal
        return deal if not event.share < 1.0 - _SLACK else f"{_fraction(event.share)} of {deal}"

    def words(self, issue: str) -> _Words:
        """How an issue is spoken of; by its own name too, where it is not the one that its instrument is named for."""
        instrument = self.issues[issue].instrument
        words = _WORDS[instrument]
        if issue == instrument or self.instruments[instrument] == 1:
            return words
        named = {key: f"{getattr(words, key)} ({issue})" for key in words._fields if key != "went"}
        return words._replace(**named)

    def from_pool(self, year: _Year, issue: str) -> str:
        """What the outside pool paid for what no power took."""
        terms = self.issues[issue]
        floor = self.scenario.at(year.year - self.scenario.start).world.outside_floor
        if floor <= 0.0 or terms.instrument not in POOLED or terms.kind != "divisible":
            return ""
        return f", and the outside pool paid {_number(floor)} instead"

    def shut_out(self, year: _Year, issue: str) -> list[str]:
        """Powers that a clause of an earlier year shuts out of an issue."""
        return [power for (field_, power), (_, until) in self.clauses.items() if field_ == issue and year.year < until]

    def sides(self) -> tuple[list[str], list[str]]:
        """Powers to which a positive lean leans, and a negative one."""
        powers = self.scenario.power
        return [p.name for p in powers if p.side > 0.0], [p.name for p in powers if p.side < 0.0]

    def strategy(self, name: str) -> str:
        """A strategy in words."""
        patron = name.removeprefix("align_")
        if name != patron and patron in self.scenario.power_names:
            return f"align with {_words_for(patron)[0]}"
        return strategy_label(name)

    def state(self, name: str) -> str:
        """A state's full name, as it stands within a sentence."""
        full = self.full_names.get(name, name)
        return f"the {full}" if full in _WITH_ARTICLE else full

    def power(self, name: str) -> str:
        """A power: by its capital, or at its first mention in a year by its country, every other time."""
        first = name not in self.mentioned
        self.mentioned.add(name)
        return _words_for(name)[0 if first and len(self.mentioned) % 2 else 1]

    def of(self, name: str) -> str:
        """A power in the genitive."""
        return _genitive(self.power(name))

    def powers(self, names: Sequence[str]) -> str:
        """Powers, listed."""
        return _listed([self.power(name) for name in names])


# -- reading the tables --------------------------------------------------------------------------------------------


def _years(events: pd.DataFrame, states: pd.DataFrame, state: str) -> list[_Year]:
    """The years of one state: its row of each year and of the year before, and its events in their order."""
    rows = {} if states.empty else {int(r["year"]): r for r in _records(states[states["state"] == state])}
    told: dict[int, list[_Event]] = {year: [] for year in rows}
    for event in [] if events.empty else _records(events):
        if event["state"] == state:
            told.setdefault(int(event["year"]), []).append(
                _Event(
                    kind=str(event["kind"]),
                    power=_text(event["power"]),
                    issue=_text(event["issue"]),
                    offer=float(event["offer"]),
                    share=float(event["share"]),
                    detail=_text(event["detail"]),
                )
            )
        elif event["kind"] == "insult" and event["detail"] == state:
            told.setdefault(int(event["year"]), []).append(_Event("insult", detail=str(event["state"])))
    return [_Year(year, told[year], rows.get(year, {}), rows.get(year - 1, {})) for year in sorted(told)]


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def _full_names(scenario: Scenario) -> dict[str, str]:
    """Full names of the states of a bundled table, by their codes."""
    file = BUILT_IN_TABLES.get(scenario.states.source)
    if file is None:
        return {}
    with file.open(encoding="utf-8", newline="") as lines:
        return {row["name"]: row["full_name"] for row in csv.DictReader(lines)}


def _text(value: object) -> str:
    """A cell as text; an empty one, which a file may give back as None or NaN, as ""."""
    return value if isinstance(value, str) else ""


# -- words ---------------------------------------------------------------------------------------------------------


def _words_for(power: str) -> tuple[str, str]:
    """A power's country and capital."""
    plain = power.replace("_", " ").title()
    return _POWERS.get(power, (plain, plain))


def _plain_powers(names: Sequence[str]) -> str:
    return _listed([_words_for(name)[1] for name in names])


def _introduced(power: str, role: str) -> str:
    """A power with its role, unless its name says it."""
    return _words_for(power)[0] if power == role else f"{_words_for(power)[0]} ({_ROLES[role]})"


def _in_short(event: _Event) -> str:
    """An event that fits nowhere else."""
    about = [part for part in (event.power and _words_for(event.power)[0], event.issue, event.detail) if part]
    return f"also on record: {event.kind}" + (f" ({', '.join(about)})" if about else "")


def _turn(place: int, last: int, turns: Sequence[str]) -> str:
    """How the first, a further, or the last of more than two powers is introduced."""
    if place == 0:
        return turns[0]
    return turns[2] if place == last and last > 1 else turns[1]


def _number(value: float) -> str:
    """A price with two digits that mean something."""
    return f"{value:.2f}" if abs(value) >= 0.095 or value == 0.0 else f"{value:.2g}"


def _fraction(share: float) -> str:
    """A share in words."""
    if share > 1.0 - _SLACK:
        return "all"
    if abs(8.0 * share - round(8.0 * share)) < _SLACK and share > _SLACK:
        return _EIGHTHS[round(8.0 * share)]
    return "a third" if abs(3.0 * share - 1.0) < _SLACK else f"{100.0 * share:.0f}%"


def _listed(parts: Sequence[str]) -> str:
    """Parts with commas and an "and"."""
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)


def _genitive(name: str) -> str:
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _years_long(count: int) -> str:
    return f"{count} year{'' if count == 1 else 's'}"


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"


def _wrapped(text: str, label: str = "") -> list[str]:
    """Lines of a paragraph after a label, the further ones indented."""
    indent = " " * min(len(label), _INDENT)
    return textwrap.wrap(label + text, _WIDTH, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False)
