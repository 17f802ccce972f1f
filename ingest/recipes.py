"""Recipes: the versions of everything that decides what comes of the same bytes.

A document is done again where its recipe changed, and only the part of the work that the change concerns:
fetching and parsing, or just cutting and embedding.
"""

import hashlib

from ingest.extraction.extractor import RECIPE as EXTRACTION
from ingest.parsing.formats import Format
from ingest.sources.source import SourceEntry
from ingest.terms import PathTerms

_PARSERS = {format_.value: 1 for format_ in Format} | {
    Format.MARKDOWN.value: 2,
    Format.DOCX.value: 2,
    Format.PDF.value: 2,
    Format.HTML.value: 2,
    Format.RST.value: 2,
}
"""Version of each parser; raise it when the parser makes something else of the same bytes."""

_CLEANING = "clean-1"
"""Version of redaction, which concerns every format."""

_SPLITTING = "split-3"
"""Version of splitting and of what a passage carries."""


def recipe(model: str, format_: str, terms: str) -> str:
    """Return the recipe of a document; `terms` is what `terms_digest` made of what was said about it."""
    version = _PARSERS.get(format_, 0) if format_ else "-".join(map(str, _PARSERS.values()))
    return f"{format_ or 'any'}-{version}.{_CLEANING}.{EXTRACTION}.{terms}/{_SPLITTING}|{model}"


def terms_digest(entry: SourceEntry, terms: PathTerms, url_prefix: str | None, allowed: tuple[str, ...]) -> str:
    """Return a short name for what source, rules and the allow-list of secrets say of a document beside its bytes."""
    stated = (entry.url, entry.title, entry.ancestors, entry.labels, entry.owners, entry.access)
    said = (url_prefix, stated, terms.digest, allowed)
    return hashlib.sha256(repr(said).encode("utf-8", "replace")).hexdigest()[:8]


def cut_anew(recipe_: str, model: str) -> str:
    """Return the recipe of a document whose stored text is cut as of now and embedded with `model`.

    An empty one, which lets the next run read the document again, stays empty.
    """
    reading, _, _ = recipe_.partition("/")
    return f"{reading}/{_SPLITTING}|{model}" if reading else ""


def same_reading(one: str, other: str) -> bool:
    """Tell whether two recipes of a document that came to nothing differ in the model at most, which had no part."""
    return one.rpartition("|")[0] == other.rpartition("|")[0]


def same_text(one: str, other: str) -> bool:
    """Tell whether two recipes make the same text and sections of the same bytes."""
    return bool(one) and one.partition("/")[0] == other.partition("/")[0]
