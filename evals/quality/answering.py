"""Suites of kind `answers`: whether each question is answered from the right document, or withheld where it must be."""

from collections.abc import Iterator, Sequence

from api.answering.answer import Outcome
from evals.quality.confidence_curves import confidence_curves
from evals.quality.knowledge import Subject
from evals.quality.metrics import CONFIDENCE, CONFIRMED
from evals.quality.probes import Probe
from evals.quality.replies import Found, Interviewer, Reply, rank_of
from evals.quality.results import CaseResult, Measured, Progress
from evals.quality.searching import SHOWN, missing_documents

_GIVEN = (Outcome.ANSWERED, Outcome.CAVEAT, Outcome.CONFLICT)
_NO_CONFIDENCE = "no answer showed a number: no calibration fits this knowledge"


def measure_answers(
    subject: Subject,
    probes: Sequence[Probe],
    *,
    left_out: bool,
    writer: bool = False,
    progress: Progress | None = None,
) -> Measured:
    """Ask every question, and with `left_out` those with right documents once more without these."""
    interviewer = Interviewer(subject.assistant, writer=writer)
    cases: list[CaseResult] = []
    for number, probe in enumerate(probes, start=1):
        reply = interviewer.ask(probe.text)
        cases.append(_judged(probe, reply, subject))
        if left_out and probe.right & subject.names:
            excluded = _without(probe.right, reply.found, subject)
            cases.append(_judged_without(probe, interviewer.ask(probe.text, excluded), len(excluded)))
        if progress is not None and (number % 20 == 0 or number == len(probes)):
            progress("ask", number, len(probes))
    shown = [case for case in cases if CONFIDENCE in case.values]
    notes = {} if shown else {CONFIDENCE: _NO_CONFIDENCE}
    return Measured(tuple(cases), tuple(confidence_curves(shown)), notes)


def _judged(probe: Probe, reply: Reply, subject: Subject) -> CaseResult:
    """Judge the answer to a question that may use all documents."""
    found = bool(probe.right) and rank_of(probe.right, reply.found, SHOWN) > 0
    values = _common_values(reply) | _confidence_values(reply, probe.right)
    if probe.outcomes:
        values["outcome as expected"] = float(reply.outcome in probe.outcomes)
    if probe.quote:
        values["expected words quoted"] = float(_quotes(reply, probe.quote))
    if probe.right and reply.outcome is not Outcome.ABSTAINED:
        values["right document cited"] = float(bool(reply.cited & probe.right))
    if found and not probe.outcomes - set(_GIVEN):
        values["answered where found"] = float(reply.outcome in _GIVEN)
    if not probe.right:
        values["withheld where unknown"] = float(_withheld(reply))
    return CaseResult(
        id=probe.id,
        group=probe.group,
        question=probe.text,
        values=values,
        expected=_expected(probe),
        found=_cited_first(reply),
        outcome=reply.outcome.value,
        faults=tuple(_faults(probe, values, reply, subject.names)),
    )


def _judged_without(probe: Probe, reply: Reply, count: int) -> CaseResult:
    """Judge the answer to a question whose right documents were left out: it has to be withheld."""
    withheld = _withheld(reply)
    wrong = f"answered ({reply.outcome.value}) although its {count} right or alike documents were left out"
    return CaseResult(
        id=f"{probe.id} (left out)",
        group=probe.group,
        question=probe.text,
        values=_common_values(reply)
        | _confidence_values(reply, frozenset())
        | {"withheld where left out": float(withheld)},
        expected=("abstained, or partial with what is missing named",),
        found=_cited_first(reply),
        outcome=reply.outcome.value,
        faults=(*(() if withheld else (wrong,)), *reply.broken),
    )


def _faults(probe: Probe, values: dict[str, float], reply: Reply, names: frozenset[str]) -> Iterator[str]:
    gone = missing_documents(probe.right, names)
    if gone and len(gone) == len(probe.right):
        yield f"the knowledge has no document called {gone[0]!r}"
    if values.get("outcome as expected") == 0:
        wanted = " or ".join(sorted(outcome.value for outcome in probe.outcomes))
        yield f"the outcome is {reply.outcome.value} instead of {wanted}"
    if values.get("expected words quoted") == 0:
        yield f"does not quote {probe.quote[:80]!r}"
    if values.get("right document cited") == 0:
        yield "cites no right document"
    if values.get("answered where found") == 0 and not probe.outcomes:
        yield f"{reply.outcome.value}, although a right document is among the first {SHOWN}"
    if values.get("withheld where unknown") == 0 and not probe.outcomes:
        yield f"{reply.outcome.value}, although no document answers"
    yield from reply.broken


def _common_values(reply: Reply) -> dict[str, float]:
    return {"places resolve": float(not reply.broken), "seconds per question": reply.seconds}


def _confidence_values(reply: Reply, right: frozenset[str]) -> dict[str, float]:
    """Return the shown confidence, and whether the document it is about is right: the cited, else the nearest."""
    if reply.confidence is None:
        return {}
    about = reply.cited or (reply.found[0].names if reply.found else frozenset())
    return {CONFIDENCE: reply.confidence, CONFIRMED: float(bool(about & right))}


def _without(right: frozenset[str], found: Sequence[Found], subject: Subject) -> frozenset[str]:
    """Return the right documents with all that look like them, as this knowledge names them."""
    alike = {name for path in right for name in subject.alike(path)}
    repeats = {name for one in found if one.names & right for name in one.names}
    return (right | alike | repeats) & subject.names


def _withheld(reply: Reply) -> bool:
    return reply.outcome is Outcome.ABSTAINED or (reply.outcome is Outcome.PARTIAL and bool(reply.missing))


def _expected(probe: Probe) -> tuple[str, ...]:
    outcomes = tuple(sorted(outcome.value for outcome in probe.outcomes))
    return (*sorted(probe.right), *outcomes) or ("abstained, or partial with what is missing named",)


def _cited_first(reply: Reply) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*reply.cited_paths, *(one.path for one in reply.found))))[:10]


def _quotes(reply: Reply, wanted: str) -> bool:
    return _folded(wanted) in _folded(" ".join(reply.quotes))


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
