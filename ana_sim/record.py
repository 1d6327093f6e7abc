"""Events, deals and states of one run, kept in the order in which they happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ana_sim.tally import COMPONENTS

if TYPE_CHECKING:
    import pandas as pd

    from ana_sim.agents import GreatPower, SmallState
    from ana_sim.model import AnaModel

EVENTS = (
    *("asked", "refused", "offered", "accepted", "excluded", "pressed", "complied", "resisted", "forced"),
    *("expired", "cancelled", "turnover", "insult", "shock", "undelivered", "switched"),
)
"""Kinds of events."""

DEAL_COLUMNS = (
    *("year", "state", "strategy", "power", "issue", "instrument", "kind", "share", "price", "amount"),
    *("delivered", "until", "detail"),
)

EVENT_COLUMNS = ("year", "state", "kind", "power", "issue", "offer", "share", "detail")


class Record:
    """What happened in one run.

    Parameters
    ----------
    model : AnaModel
        The world that is recorded.
    """

    def __init__(self, model: AnaModel) -> None:
        self.model = model
        self.event_rows: list[tuple[object, ...]] = []
        self.deal_rows: list[dict[str, object]] = []
        self.state_rows: list[dict[str, object]] = []

    def event(
        self,
        kind: str,
        state: SmallState,
        power: GreatPower | None,
        issue: int,
        offer: float,
        share: float,
        detail: str,
    ) -> None:
        """Keep an event; a deal struck is also a row of ``deals``."""
        name = self.model.conditions.issues[issue].name if issue >= 0 else ""
        who = power.name if power is not None else ""
        year = self.model.calendar_year
        self.event_rows.append((year, state.name, kind, who, name, float(offer), float(share), detail))
        if kind == "accepted" and power is not None:
            terms = self.model.conditions.issues[issue]
            self.deal_rows.append(
                {
                    "year": year,
                    "state": state.name,
                    "strategy": state.strategy.name,
                    "power": who,
                    "issue": name,
                    "instrument": terms.instrument,
                    "kind": terms.kind,
                    "share": float(share),
                    "price": float(offer),
                    "amount": float(share * offer * state.size),
                    "delivered": self.model.delivers[power.index],
                    "until": year + terms.term if terms.term else None,
                    "detail": detail,
                }
            )

    def close_year(self) -> None:
        """Keep a row per state."""
        for state in self.model.state_list:
            row: dict[str, object] = {
                "year": self.model.calendar_year,
                "state": state.name,
                "strategy": state.strategy.name,
                "size": state.size,
                "need": float(state.need),
                "lean": state.lean,
                "issue": self.model.conditions.issues[state.issue].name if state.issue >= 0 else "",
                "payoff": state.payoff,
            }
            row |= {name: state.flow.get(name, 0.0) for name in COMPONENTS}
            row |= {name: bool(state.flow.get(name, 0.0)) for name in ("pressed", "complied", "forced", "refused")}
            for g, power in enumerate(self.model.power_names):
                row[f"share_{power}"] = float(state.shares[g])
                row[f"exposure_{power}"] = float(state.exposure[g])
                row[f"belief_{power}"] = float(state.belief[g])
                row[f"affinity_{power}"] = float(state.affinity[g])
            for k, issue in enumerate(self.model.conditions.issues):
                holders = [name for g, name in enumerate(self.model.power_names) if state.held[k, g] > 0.0]
                row[f"holds_{issue.name}"] = ";".join(holders)
            self.state_rows.append(row)

    def events(self) -> pd.DataFrame:
        """Table ``events``: year, state, kind, power, issue, offer, share, detail."""
        import pandas as pd

        return pd.DataFrame(self.event_rows, columns=list(EVENT_COLUMNS))

    def deals(self) -> pd.DataFrame:
        """Table ``deals``: a row per power in a deal."""
        import pandas as pd

        return pd.DataFrame(self.deal_rows, columns=list(DEAL_COLUMNS))

    def states(self) -> pd.DataFrame:
        """Table ``states``: a row per state and year."""
        import pandas as pd

        return pd.DataFrame(self.state_rows)
