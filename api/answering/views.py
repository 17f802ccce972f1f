"""What answering derives from a passage: its units, its word stems, its folded text; kept while it stays in use."""

from dataclasses import dataclass

from api.answering.answer import StatementKind
from api.answering.units import Unit, units
from api.retrieval.words import stems
from ingest.knowledge.identifiers import fold_identifier
from ingest.knowledge.passages import StoredPassage

_KEPT = 4_096  # views; at about 10 kB each


@dataclass(frozen=True, slots=True)
class View:
    """A passage as answering sees it. `folded` is header and text without separators, for names."""

    units: tuple[Unit, ...]
    stems: frozenset[str]
    folded: str

    @property
    def acts(self) -> bool:
        """Whether it holds steps, items or commands."""
        return any(unit.kind in _IMPERATIVE for unit in self.units)


_IMPERATIVE = (StatementKind.STEP, StatementKind.COMMAND, StatementKind.ITEM)


class PassageViews:
    """Views by passage id; a passage never changes under its id, so they never go stale."""

    def __init__(self) -> None:
        self._views: dict[str, View] = {}

    def of(self, stored: StoredPassage) -> View:
        """Return the view of a passage; threads may at worst derive the same one twice."""
        found = self._views.get(stored.passage.id)
        if found is None:
            text = f"{stored.document.path} {stored.passage.index_text}"
            # What addresses a language model is shown where it is found, and nothing is ever said from it.
            said = () if stored.passage.flags else tuple(units(stored))
            found = View(said, frozenset(stems(text)), fold_identifier(text))
            if len(self._views) >= _KEPT:
                self._views.clear()
            self._views[stored.passage.id] = found
        return found
