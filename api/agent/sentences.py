"""Whether the agent's own sentence stands in what it cites: each name, number and word of it."""

import re
from collections.abc import Collection, Sequence

from api.investigation.faults import FaultKind
from api.retrieval.words import stem
from api.writing.checks_facts import names_in, stands_in
from api.writing.checks_surface import check_surface
from api.writing.measures import find_dates, find_quantities, is_supported, is_unit
from api.writing.words import clauses
from ingest.knowledge.destruction import destruction

_WORD = re.compile(r"[^\W\d_]{3,}")
_FROM_TO = re.compile(r"\bfrom (?P<first>\d[\d.,]*)[^\d,;]{0,20}? to (?P<second>\d[\d.,]*)", re.IGNORECASE)
# No word of direction and none that denies: these have to stand in what is cited.
_TELLING = """
about after all also and answer are as at because been before began begin behind but by call caller called cause caused
causing could did does due during each error fail failed failing failure for from get got has have how incident into its
itself kept late latency limit made make memory one onto other own part queue reach reached request response running
same saw service show since slow slowed slower started still such system take that the their them then there these they
this those through time timeout took traffic under until unusual unusually usual very wait waited waiting was went were
what when where which while who whose why will window with
"""


def why_not(text: str, cited: Sequence[str], component: str, others: Collection[str]) -> str | None:
    """Return why a sentence on `component` is not shown, None where it stands in the `cited` texts.

    `others` are the names of all components: one that stands in nothing cited is not named. A clause's numbers have
    to stand in one cited text together. Words that nothing cited holds are accepted from a closed list only, so that
    no thing can be named that was not seen.
    """
    reason = check_surface(text, (), command=False)
    if reason is not None:
        return reason
    if destruction(text):
        return "it holds a command that destroys something"
    beside = "\n".join([component, *cited])
    for name in [*names_in(text), *(one for one in sorted(others) if stands_in(one, text))]:
        if not stands_in(name, beside):
            return f"“{name}” does not stand in what it cites"
    return _foreign_number(text, cited) or _turned_round(text, cited) or _foreign_word(text, beside)


def _foreign_number(text: str, cited: Sequence[str]) -> str | None:
    told = [find_dates(one) for one in cited]
    for clause in clauses(text):
        dates, dateless = find_dates(clause)
        for date in dates:
            if not any(date.within(one) for known, _ in told for one in known):
                return f"the date “{date.text}” does not stand in what it cites"
        wanted = find_quantities(dateless)
        together = any(all(is_supported(one, find_quantities(rest), rest) for one in wanted) for _, rest in told)
        if wanted and not together:
            figures = ", ".join(f"“{one.text.strip()}”" for one in wanted)
            return f"{figures} can't be found in any one observation or finding that it cites"
    return None


def _turned_round(text: str, cited: Sequence[str]) -> str | None:
    for match in _FROM_TO.finditer(text):
        first, second = match["first"].rstrip(".,"), match["second"].rstrip(".,")
        told = re.compile(rf"(?<![\d.]){re.escape(first)}(?!\d).*?(?<![\d.]){re.escape(second)}(?!\d)", re.DOTALL)
        if not any(told.search(one) for one in cited):
            return f"“{match.group()}” is in another order in what it cites"
    return None


def _foreign_word(text: str, beside: str) -> str | None:
    seen = {stem(word.lower()) for word in _WORD.findall(beside)} | _accepted()
    for word in _WORD.findall(text):
        if stem(word.lower()) not in seen and not is_unit(word):
            return f"“{word}” does not stand in what it cites"
    return None


def _accepted() -> set[str]:
    meanings = " ".join(kind.meaning for kind in FaultKind)
    return {stem(word.lower()) for word in _WORD.findall(f"{_TELLING} {meanings}")}
