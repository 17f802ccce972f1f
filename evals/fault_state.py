"""What a knowledge base holds after a fault, and what of it is lost, double or half-written."""

from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ingest.building import Workshop
from ingest.care import verify


@dataclass(frozen=True, slots=True)
class Held:
    """What is served and known.

    `texts` are the documents by path, `passages` their counts of passages, `twice` counts passages and documents
    that are there more than once, `torn` names documents whose passages are no slices of their text, `rows` are
    what the manifest says of each path.
    """

    generation: int | None
    texts: Mapping[str, str]
    passages: Mapping[str, int]
    twice: int
    torn: tuple[str, ...]
    rows: Mapping[str, tuple[str, str, int, str]]


@dataclass(frozen=True, slots=True)
class Damage:
    """Documents lost, passages or documents that are there twice, and states that no run should leave."""

    lost: int = 0
    duplicates: int = 0
    half_written: tuple[str, ...] = ()

    def __add__(self, other: "Damage") -> "Damage":
        return Damage(
            self.lost + other.lost, self.duplicates + other.duplicates, (*self.half_written, *other.half_written)
        )

    @property
    def none(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.duplicates or self.half_written)


def held(workshop: Workshop) -> Held:
    """Read everything that is served and known; nobody may have the index open."""
    texts: dict[str, str] = {}
    passages: dict[str, int] = {}
    torn: list[str] = []
    twice = 0
    with closing(workshop.store.open()) as reader:
        facts = reader.documents()
        twice += len(facts) - len({one.path for one in facts})
        for one in facts:
            document = reader.document(one.id)
            found = [stored.passage for stored in reader.passages_of(one.id)]
            twice += sum(count - 1 for count in Counter((p.span.start, p.text) for p in found).values())
            texts[one.path] = "" if document is None else document.text
            passages[one.path] = len(found)
            if not found or any(texts[one.path][p.span.start : p.span.end] != p.text for p in found):
                torn.append(one.path)
        twice += max(0, reader.describe().passages - sum(passages.values()))
    rows = {
        row.path: (row.state.value, row.revision, row.passages, row.title)
        for row in workshop.manifest.rows(tombstones=True)
    }
    return Held(workshop.store.current(), texts, passages, twice, tuple(torn), rows)


def damage_after_fault(found: Held, old: Held, new: Held, *, mixed: bool) -> Damage:
    """Compare what is served right after a fault with the states before and after an undisturbed run.

    Where the fault is the source's, a document may be in its old or its new version (`mixed`); else all of them
    are in one of the two.
    """
    lost = len((old.texts.keys() & new.texts.keys()) - found.texts.keys())
    half = [f"{path} is no slice of its document" for path in found.torn]
    for path, text in found.texts.items():
        if text not in (old.texts.get(path), new.texts.get(path)):
            half.append(f"{path} is in neither version")
    if not mixed and found.texts not in (old.texts, new.texts):
        half.append("the generation holds documents of two versions")
    return Damage(lost, found.twice, tuple(half))


def damage_after_recovery(found: Held, undisturbed: Held, workshop: Workshop, knowledge: Path) -> Damage:
    """Compare what the next normal run left with what an undisturbed one leaves."""
    half = [f"{path} is no slice of its document" for path in found.torn]
    half += [
        f"{path} is not as after an undisturbed run"
        for path, text in undisturbed.texts.items()
        if path in found.texts and (text, undisturbed.passages[path]) != (found.texts[path], found.passages[path])
    ]
    half += [f"{path} is served and should not be" for path in found.texts.keys() - undisturbed.texts.keys()]
    half += [
        f"the manifest says {found.rows.get(path)} of {path}, after an undisturbed run {undisturbed.rows.get(path)}"
        for path in sorted(found.rows.keys() | undisturbed.rows.keys())
        if found.rows.get(path) != undisturbed.rows.get(path)
    ]
    half += [f"{path.name} was left behind" for path in (knowledge / "generations").glob("*.building")]
    half += [f"{check.name}: {check.detail}" for check in verify(workshop) if not check.passed]
    lost = len(undisturbed.texts.keys() - found.texts.keys())
    return Damage(lost, found.twice, tuple(half))
