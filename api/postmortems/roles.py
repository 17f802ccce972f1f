"""Blameless words: people become roles, the same one for the same person."""

import re
from collections.abc import Sequence

from api.investigation.investigations import Investigation
from api.investigation.observations import SourceClass


class Roles:
    """Turns the names of people who took part into responder 1, responder 2 and so on."""

    def __init__(self, names: Sequence[str]) -> None:
        known = sorted({name for name in names if name and name != "somebody"})
        self._roles = {name: f"responder {number}" for number, name in enumerate(known, start=1)}
        longest = sorted(self._roles, key=len, reverse=True)
        self._pattern = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in longest)) if known else None

    def without_names(self, text: str) -> str:
        """Return a text in which each name is a role."""
        return self._pattern.sub(lambda found: self._roles[found[0]], text) if self._pattern else text


def roles_in(investigation: Investigation) -> Roles:
    """Return the roles of all who said something about an investigation, or decided it."""
    said = [one.query.instance for one in investigation.observations if one.query.source is SourceClass.HUMAN]
    return Roles([*said, investigation.verdict.decided_by])
