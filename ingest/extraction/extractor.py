"""From a parsed document to everything that it states as structure, each fact with the place that states it."""

from ingest.extraction.alerts import find_alerts
from ingest.extraction.components import Architecture, find_architecture
from ingest.extraction.links import find_links, raw_links
from ingest.extraction.pictures import find_pictures
from ingest.extraction.postmortems import find_postmortem_fields
from ingest.extraction.procedures import find_procedures
from ingest.knowledge.documents import Document
from ingest.knowledge.extracts import NOTHING, Extract, PostmortemField
from ingest.knowledge.spans import LineIndex

RECIPE = "extract-1"
"""Version of the extraction; raise it when it makes something else of the same document."""


def extract(document: Document, *, native: Extract = NOTHING) -> Extract:
    """Return what `document` states: what its format stated (`native`) and what its words state, nothing twice.

    Deterministic, and linear in the length of the text. Every span lies within `document.text`.
    """
    lines = LineIndex.of(document.text)
    links = raw_links(document)
    # A format that states its components (a diagram, a manifest) would only be read a second time as words.
    stated = native.components or native.dependencies
    architecture = Architecture() if stated else find_architecture(document, lines)
    rules = {rule.name for rule in native.rules}
    known = {mention.name for mention in native.alerts}
    words = Extract(
        procedures=find_procedures(document, lines),
        alerts=tuple(each for each in find_alerts(document, lines) if each.name not in rules | known),
        components=architecture.components,
        dependencies=architecture.dependencies,
        postmortem=_new_parts(native.postmortem, find_postmortem_fields(document, lines)),
        links=find_links(document, lines, links),
        pictures=find_pictures(document, lines, links),
    )
    return _merged(native, words) if native else words


def _new_parts(native: tuple[PostmortemField, ...], found: tuple[PostmortemField, ...]) -> tuple[PostmortemField, ...]:
    """Return the fields of parts that the format itself did not state."""
    stated = {field.part for field in native}
    return tuple(field for field in found if field.part not in stated)


def _merged(native: Extract, words: Extract) -> Extract:
    both = native.plus(words)
    return Extract(
        procedures=tuple(dict.fromkeys(both.procedures)),
        rules=both.rules,
        alerts=tuple(dict.fromkeys(both.alerts)),
        components=both.components,
        dependencies=both.dependencies,
        postmortem=both.postmortem,
        links=tuple(dict.fromkeys(both.links)),
        pictures=tuple(dict.fromkeys(both.pictures)),
    )
