"""The powers of a scenario, found by name or by role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, get_args

from ana_sim.parameters import Role

__all__ = ["ROLES", "Roster"]

ROLES: Final[tuple[str, ...]] = get_args(Role)


@dataclass(frozen=True)
class Roster:
    """The powers of a scenario, found by name, or by role where the role is unique.

    Parameters
    ----------
    roles
        The role of each power, by name.
    """

    roles: Mapping[str, str]

    def holder(self, role: str) -> str | None:
        """Return the name of the one power with this role, or None."""
        having = [name for name, own in self.roles.items() if own == role]
        return having[0] if len(having) == 1 else None

    def find(self, word: str) -> str | None:
        """Return the name of the power called `word`, or whose unique role is `word`, or None."""
        return word if word in self.roles else self.holder(word)

    def words(self) -> list[str]:
        """Return everything that `find` understands."""
        return [*self.roles, *(role for role in ROLES if self.find(role) is not None)]
