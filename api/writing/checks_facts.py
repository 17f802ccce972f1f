"""Whether names, numbers, units, dates and flags of a statement stand in what it cites, and together there."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.answering.units import Unit
from api.retrieval.words import stem
from api.writing.checks_quotes import CODE_SPAN, Support, cells_of, said
from api.writing.comparisons import bound_of, may_bound, names_limit
from api.writing.measures import Quantity, find_dates, find_quantities, is_supported, is_unit
from api.writing.words import Told, Vocabulary, clauses, said_words
from ingest.knowledge.identifiers import fold_identifier

_TOKEN = re.compile(r"[^\s`“”\"'’()\[\],;–—|*]+")
_TECHNICAL = re.compile(r"[_$@=\\<>&{}~#]|^-{1,2}\w|^[/.]+\w|\w[/:]\d|\d:\d|[A-Za-z]\.[A-Za-z]|\d\.\d+\.|://|::")
_CAMEL = re.compile(r"[a-z0-9][A-Z]|[A-Z]{2,}[a-z]{2,}")
_CAPITALS = re.compile(r"[A-Z][A-Z0-9]+(?:-[A-Z0-9]+)*s?$")
_MIXED = re.compile(r"(?=.*\d)(?=.*[A-Za-z])")
_PLAIN_SLASH = re.compile(r"[a-z]+(?:/[a-z]+)+$")
_MEASURE = re.compile(r"[<>≥≤~]?\d+(?:[.,]\d+)*-?(?:%|[A-Za-zµ]+(?:/s)?)?$")
_NAME = re.compile(r"(?<![\w./-])[A-Za-z][A-Za-z0-9\-]{2,}(?![\w/-])(?!\.\w)")
_LONG_NAME = 6  # characters of a folded name; a shorter one stands in many words
_EMPHASIS = frozenset({"NOT", "DO", "NEVER", "ONLY", "ALL", "ALWAYS", "AND", "OR", "MUST", "NO", "IF", "STOP", "DON"})
_SEGMENT = re.compile(r"(?<=[.;:!?])\s+|,\s+|\s+\(|\)|\s(?:and|but|while|which|whereas)\s|\n")


def check_facts(text: str, supports: Sequence[Support], vocabulary: Vocabulary) -> str | None:
    """Return which name, number or date of a statement is not borne out by what it cites, or None."""
    beside = "\n".join(place for one in supports for place in (_raw(one), one.around, *one.leads))
    for name in names_in(text):
        if not stands_in(name, beside):
            return f"“{name}” does not stand in what it cites"
    dates, dateless = find_dates(CODE_SPAN.sub(" ", text))
    told, without = find_dates(beside)
    for date in dates:
        if not any(date.within(one) for one in told):
            return f"the date “{date.text}” does not stand in what it cites"
    quantities = find_quantities(without) + find_quantities(" ".join(str(one.year or "") for one in told))
    for wanted in find_quantities(dateless):
        if not is_supported(wanted, quantities, beside):
            return f"the figure “{wanted.text.strip()}” does not stand in what it cites"
    return next((why for part in clauses(text) if (why := _unbound(part, supports, vocabulary))), None)


def names_in(text: str) -> list[str]:
    """Return what of a text must be found as it is written: code, and words that no prose is made of."""
    found = [span.strip() for span in CODE_SPAN.findall(text)]
    for match in _TOKEN.finditer(CODE_SPAN.sub(" ", text)):
        token = match.group().rstrip(".:!?…").lstrip("¿¡")
        if token and _is_name(token):
            found.append(token)
    return list(dict.fromkeys(found))


def stands_in(name: str, text: str) -> bool:
    """Tell whether a name stands in a text whole: `pg` does not stand in `pg-main`, nor `/data` in `/data/log`."""
    pattern = r"\s+".join(re.escape(part) for part in name.split())
    before = r"(?<![\w.$/-])" if name[0].isalnum() or name[0] in "_$/-" else ""
    after = r"(?![\w-])(?![./:]\w)" if name[-1].isalnum() or name[-1] == "_" else ""
    return re.search(before + pattern + after, text) is not None


def all_names(text: str, vocabulary: Vocabulary) -> list[str]:
    """Return the names of a text: those that no prose is made of, and what the documents have a name for."""
    names = names_in(text)
    things = (word.lower() for word in _NAME.findall(CODE_SPAN.sub(" ", text)))
    return list(dict.fromkeys([*names, *(word for word in things if word in vocabulary.names)]))


@dataclass(frozen=True, slots=True)
class Place:
    """A unit with what stands above it, to look for names and numbers that belong together."""

    text: str
    above: str

    @classmethod
    def of(cls, unit: Unit, support: Support) -> "Place":
        """Return the place of a unit that a quote touches."""
        return cls("\n".join((unit.header or "", unit.quote, support.around, *support.leads)), support.around)

    def names(self, names: Sequence[str]) -> bool:
        """Tell whether all names stand here; a title may spell one in words ("Redis cart" for `redis-cart`)."""
        above = fold_identifier(self.above)
        return all(
            stands_in(name, self.text)
            or (name.islower() and stands_in(name, self.text.lower()))
            or (len(key := fold_identifier(name)) >= _LONG_NAME and key in above)
            for name in names
        )

    def tells(self, numbers: Sequence[Quantity]) -> bool:
        """Tell whether all numbers stand here."""
        told = find_quantities(find_dates(self.text)[1])
        return all(is_supported(one, told, self.text) for one in numbers)


def _raw(support: Support) -> str:
    return "\n".join(f"{unit.header or ''}\n{unit.quote}" for unit in support.units) or support.citation.quote


def _is_name(token: str) -> bool:
    if _MEASURE.match(token) and not re.match(r"\d+(?:x+|st|nd|rd|th)$", token):
        return bool(re.match(r"\d+\.\d+\.\d", token)) or not _is_measured(token)
    if _PLAIN_SLASH.match(token) or token in _EMPHASIS or is_unit(token):
        return False
    technical = _TECHNICAL.search(token) or _CAMEL.search(token) or _MIXED.match(token)
    return bool(technical or _CAPITALS.match(token))


def _is_measured(token: str) -> bool:
    return bool(find_quantities(token))


def _unbound(clause: str, supports: Sequence[Support], vocabulary: Vocabulary) -> str | None:
    """Return a complaint where names and numbers of one clause stand in no one place together."""
    names = all_names(clause, vocabulary)
    bare = find_dates(CODE_SPAN.sub(_blank, clause))[1]
    numbers = find_quantities(bare)
    whole = [(unit, Place.of(unit, one)) for one in supports for unit in one.units]
    together = any(place.names(names) and place.tells(numbers) for _, place in whole)
    if whole and len(names) + len(numbers) > 1 and not together:
        parts = [*names, *(one.text.strip() for one in numbers)]
        return f"{', '.join(f'“{part}”' for part in parts[:4])} do not stand together in what it cites"
    segments = [(part, names_limit(said(unit))) for unit, _ in whole for part in _segments(unit)]
    for one in numbers:
        if why := _misplaced(one, bare, _near(one, bare), segments, vocabulary):
            return why
    return None


def _near(wanted: Quantity, clause: str) -> list[str]:
    """Return the words that stand with a number between two commas, brackets or "and"s."""
    ends = [0, *(edge for found in _SEGMENT.finditer(clause) for edge in found.span()), len(clause)]
    start = max(edge for edge in ends if edge <= wanted.start)
    return said_words(clause[start : min(edge for edge in ends if edge >= wanted.end)])


def _misplaced(
    wanted: Quantity,
    clause: str,
    near: Sequence[str],
    segments: Sequence[tuple[str, bool]],
    vocabulary: Vocabulary,
) -> str | None:
    """Return a complaint where the words `near` a number belong to another number of the source, or to other bounds."""
    here = elsewhere = (-1.0, 0.0)
    counted_here = counted_elsewhere = False
    bounds: set[str] = set()
    for segment, limited in segments:
        told = find_quantities(find_dates(segment)[1])
        same = [one for one in told if is_supported(wanted, [one], segment)]
        if same:
            here = max(here, _nearness(near, segment, vocabulary))
            counted_here |= bool(wanted.noun) and Told.of(segment).holds(stem(wanted.noun))
            bounds |= {bound_of(segment, one) for one in same}
            bounds |= {"at most", ""} if (limited or may_bound(segment)) and "at least" not in bounds else set()
        elif any(one.kind == wanted.kind for one in told):
            counted = not wanted.noun or Told.of(segment).holds(stem(wanted.noun))
            score, share = _nearness(near, segment, vocabulary)
            elsewhere = max(elsewhere, (score, share if counted and wanted.noun else 0.0))
            counted_elsewhere |= bool(wanted.noun) and counted
    # At equal words the tighter segment has the number: "8 pods" beats "30 … per pod".
    tighter = elsewhere[0] == here[0] > 0 and elsewhere[1] > here[1]
    if here[0] >= 0 and counted_here <= counted_elsewhere and (elsewhere[0] > here[0] or tighter):
        return f"the figure “{wanted.text.strip()}” belongs to something else in what it cites"
    mine = bound_of(clause, wanted)
    if bounds and mine not in bounds and not (mine == "" and bounds == {"at most"} and may_bound(clause)):
        said_there = " or ".join(sorted(f"“{one or 'exactly'}”" for one in bounds))
        return f"it says “{mine or 'exactly'}” of {wanted.text.strip()}, the source {said_there}"
    return None


def _nearness(near: Sequence[str], segment: str, vocabulary: Vocabulary) -> tuple[float, float]:
    """Return the weight of the words that a segment shares with those near a number, and the share of it they are."""
    told = Told.of(segment)
    shared = sum(vocabulary.weight(one) for one in near if told.holds(one))
    whole = sum(vocabulary.weight(one) for one in said_words(segment))
    return round(shared, 6), shared / whole if whole else 0.0


def _segments(unit: Unit) -> Iterator[str]:
    """Yield the smallest parts of a unit that a number belongs to; a cell with its column and its row's first cell."""
    cells = cells_of(unit)
    if cells is not None:
        yield from cells
    else:
        yield from (part for part in _SEGMENT.split(said(unit)) if part and part.strip())


def _blank(found: re.Match[str]) -> str:
    return " " * len(found.group())
