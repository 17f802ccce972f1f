"""Whether what a statement says is what its quotes say: their words, clause by clause, from one place each."""

import re
from collections.abc import Sequence
from functools import cache

from api.answering.answer import StatementKind
from api.retrieval.words import stem
from api.writing.checks_facts import Place, all_names, stands_in
from api.writing.checks_quotes import CODE_SPAN, Support, cells_of, said
from api.writing.measures import UNITS, find_dates, find_quantities, is_unit
from api.writing.wordlists import GLUE
from api.writing.words import Told, Vocabulary, clauses, said_words

ENOUGH = 0.6
"""Share of a statement's words, weighted by rarity, that must stand in the words it quotes and their headings."""

ENOUGH_OF_THE_QUOTE = 0.2
"""The same share without the headings: these say what a quote is about, and nothing by themselves."""

ENOUGH_IN_ONE = 0.5
"""The same for each clause and a single sentence, step or row: a claim is not put together from two."""

ENOUGH_OF_ONE = 0.85
"""The same for a statement that cites two documents and joins their words by "when", "because" and the like."""

_JOINS = re.compile(r"\b(so|because|when|after|before|until|then|therefore|thus|once|during|if|since)\b", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_/.'’\-]*[A-Za-z0-9]|[A-Za-z]")
_RUNNING = frozenset({"run", "use", "using", "execute", "type", "issue", "call"})
_PREFIX = 2  # letters: "re-initialise" is told where "initialise" is
_SHOWN = 3
_LISTED = (StatementKind.TABLE_ROW, StatementKind.ITEM)


def check_words(text: str, supports: Sequence[Support], vocabulary: Vocabulary) -> str | None:
    """Return why a statement's words are not borne out by what it cites, or None."""
    if not said_words(text):
        return "it says nothing that could be checked"
    wanted = _claimed(text) or said_words(text)
    if vocabulary.covered(wanted, Told.of(*(one.citation.quote for one in supports))) < ENOUGH_OF_THE_QUOTE:
        return "it rests on a heading or title, and not on the words it quotes"
    quoted = Told.of(*(_quoted(one) for one in supports))
    lacking = [one for one in wanted if not quoted.holds(one)]
    if vocabulary.covered(wanted, quoted) < ENOUGH:
        return f"the words it quotes do not speak of {_listed(text, lacking)}"
    return (
        _foreign_name(text, supports, vocabulary)
        or _foreign_word(text, supports, vocabulary)
        or _of_another(text, supports, vocabulary)
        or _spread(text, supports, vocabulary)
    )


def _quoted(support: Support) -> str:
    headers = {unit.header for unit in support.units if unit.header}
    return " ".join((support.citation.quote, support.around, *headers, *support.leads))


def _foreign_name(text: str, supports: Sequence[Support], vocabulary: Vocabulary) -> str | None:
    """Return a complaint where the statement names a thing of the documents that its own sources do not name."""
    places = [Place.of(unit, one) for one in supports for unit in one.units]
    for name in all_names(text, vocabulary):
        if places and not any(place.names([name]) for place in places):
            return f"“{name}” is not named in what it cites"
    return None


def _foreign_word(text: str, supports: Sequence[Support], vocabulary: Vocabulary) -> str | None:
    """Return a complaint where one word that claims something stands nowhere around the quotes.

    One other verb makes another statement of it: "solved" for "made worse". Units are compared with their numbers,
    and a word of the question may be repeated, unless the question is whether it holds.
    """
    paths = (one.excerpt.stored.document.path for one in supports)
    told = Told.of(*(part for one in supports for part in (one.text, one.around, *one.leads)), *paths)
    allowed = _glue() | (frozenset() if vocabulary.asks_whether else vocabulary.asked)
    running = _RUNNING if CODE_SPAN.search(text) else frozenset[str]()
    for word in dict.fromkeys(_WORD.findall(CODE_SPAN.sub(" ", text))):
        claimed = [one for one in said_words(word) if one not in allowed and not told.holds(one)]
        if claimed and not is_unit(word) and word.lower() not in running and not _is_told_in_parts(word, told):
            return f"it says “{word}”, and its source does not"
    return None


def _of_another(text: str, supports: Sequence[Support], vocabulary: Vocabulary) -> str | None:
    """Return a complaint where a clause says of one row or item what only another one says."""
    units = {unit.span: unit for one in supports for unit in one.units if unit.kind in _LISTED}
    for clause in clauses(text):
        names = all_names(clause, vocabulary)
        own = [unit for unit in units.values() if any(stands_in(name, unit.quote) for name in names)]
        others = [unit for unit in units.values() if unit not in own]
        if len({name.lower() for name in names}) != 1 or not own or not others:
            continue
        context = (part for one in supports for part in (one.around, *one.leads))
        mine, theirs = Told.of(*map(said, own), *context), Told.of(*(unit.quote for unit in others))
        lent = [word for word in _claimed(clause) if theirs.holds(word) and not mine.holds(word)]
        if lent:
            return f"what it cites says “{lent[0]}” of something else than “{min(names)}”"
    return None


def _is_told_in_parts(word: str, told: Told) -> bool:
    """Whether a word is told in parts ("re-initialised", "unpaid"), or one of those compared as names."""
    if not word.isascii() or any(letter in word for letter in "0123456789_/."):
        return True
    lower = word.lower()
    if "-" in lower:
        parts = [part for part in lower.split("-") if len(part) > _PREFIX]
    else:
        parts = [lower.removeprefix("un")] if lower.startswith("un") else []
    return bool(parts) and all(told.holds(one) for part in parts for one in said_words(part))


def _claimed(text: str) -> list[str]:
    """Return the stems of the words that claim something; units are compared with their numbers."""
    return [one for one in said_words(text) if one not in _glue()]


@cache
def _glue() -> frozenset[str]:
    return frozenset(stem(word) for word in (*GLUE, *UNITS))


def _spread(text: str, supports: Sequence[Support], vocabulary: Vocabulary) -> str | None:
    """Return a complaint where a clause is put together from several places, or two documents from one claim."""
    for clause in clauses(text):
        wanted = _claimed(clause)
        told = [one for each in supports for one in places(each)]
        figures = _figures(clause)
        # A figure belongs to what its own place speaks of, and not to what another one does.
        told = [one for one in told if figures & _figures(one)] or told
        best = max((vocabulary.covered(wanted, Told.of(one)) for one in told), default=0.0)
        if best < ENOUGH_IN_ONE:
            return f"no single sentence that it cites says “{clause.strip()[:80]}”"
    documents: dict[str, list[str]] = {}
    for support in supports:
        documents.setdefault(support.excerpt.stored.document.id, []).extend(places(support))
    whole = said_words(text)
    by_one = max(vocabulary.covered(whole, Told.of(*told)) for told in documents.values())
    if len(documents) > 1 and by_one < ENOUGH_OF_ONE and _JOINS.search(text):
        return "it joins what two documents say into a claim that neither makes"
    return None


def _figures(text: str) -> set[tuple[object, object]]:
    return {(one.kind, one.value) for one in find_quantities(find_dates(text)[1])}


def places(support: Support) -> list[str]:
    """Return the single places that a quote touches: each unit, and each two sentences in a row, with headings."""
    alone = [cell for unit in support.units for cell in (cells_of(unit) or ())]
    alone += [said(unit) for unit in support.units] or [support.citation.quote]
    pairs = [
        f"{first.text} {second.text}"
        for first, second in zip(support.units, support.units[1:], strict=False)
        if first.kind == second.kind == "sentence"
    ]
    leads = " ".join(support.leads)
    return [f"{one} {support.around} {leads}" for one in (*alone, *pairs)]


def _listed(text: str, lacking: Sequence[str]) -> str:
    words = [word for word in re.findall(r"[\w'’\-]+", text) if any(said_words(word) == [one] for one in lacking)]
    return ", ".join(f"“{word}”" for word in list(dict.fromkeys(words))[:_SHOWN]) or "it"
