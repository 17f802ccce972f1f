"""What documents say, as the agent may read it: where to look, never what the cause is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Guidance:
    """A passage of a document: `place` names the document and heading."""

    place: str
    text: str


class Knowledge(Protocol):
    """Searches runbooks, architecture documents and past incidents."""

    def guidance(self, query: str) -> Sequence[Guidance]:
        """Return the best passages, only such as the asker may read; raises GroundwatchError."""
