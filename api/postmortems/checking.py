"""The gate of a draft: what it cites is there, every number stands in what is cited, and no gap is missing."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from api.investigation.investigations import Investigation
from api.postmortems.drafts import Draft, Section, SectionKind, Statement, Sure

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Checked:
    """What is wrong with a draft; empty where nothing is.

    `unresolved` are citations that lead nowhere, `unsupported` statements that cite nothing and are no question,
    `invented` numbers that nothing cited holds, `dropped` places of gaps that the draft does not tell.
    """

    statements: int
    questions: int
    unresolved: tuple[str, ...]
    unsupported: tuple[str, ...]
    invented: tuple[str, ...]
    dropped: tuple[int, ...]

    @property
    def is_sound(self) -> bool:
        """Whether the draft may be kept."""
        return not (self.unresolved or self.unsupported or self.invented or self.dropped)


def checked(draft: Draft, investigation: Investigation) -> Checked:
    """Check a draft against the investigation that it was made of."""
    every = list(draft.statements)
    told = {place for one in every for place in one.gaps}
    return Checked(
        statements=len(every),
        questions=sum(one.sure is Sure.QUESTION for one in every),
        unresolved=tuple(name for one in every for name in _unresolved(one, investigation)),
        unsupported=tuple(
            one.text for one in every if one.sure is not Sure.QUESTION and not _cites(one) and not _of_auditor(one)
        ),
        invented=tuple(f"{number} in {one.text!r}" for one in every for number in _invented(one, investigation)),
        dropped=tuple(place for place in range(len(investigation.gaps)) if place not in told),
    )


def gated(draft: Draft, investigation: Investigation) -> Draft:
    """Return a draft in which a statement that does not hold is left to the team as a question."""
    sections = [
        replace(section, statements=tuple(_held(one, investigation) for one in section.statements))
        for section in draft.sections
    ]
    return replace(draft, sections=tuple(sections))


def _held(one: Statement, investigation: Investigation) -> Statement:
    alone = Draft("", (Section(SectionKind.SUMMARY, (one,)),))
    found = checked(alone, investigation)
    if not (found.unresolved or found.unsupported or found.invented):
        return one
    gaps = tuple(place for place in one.gaps if 0 <= place < len(investigation.gaps))
    text = "What is known here? A sentence was left out, since what it cites does not hold it."
    return Statement(text, Sure.QUESTION, gaps=gaps)


def _cites(one: Statement) -> bool:
    return bool(one.findings or one.observations or one.gaps)


def _of_auditor(one: Statement) -> bool:
    """Whether it tells how far the investigation itself goes: that rests on its rules and on no row."""
    return one.text.startswith("The auditor objects: ")


def _unresolved(one: Statement, investigation: Investigation) -> Iterator[str]:
    findings = {each.id for each in investigation.findings}
    rows = {each.id for each in investigation.observations}
    yield from (name for name in one.findings if name not in findings)
    yield from (name for name in one.observations if name not in rows)
    yield from (f"gap {place}" for place in one.gaps if not 0 <= place < len(investigation.gaps))


def _invented(one: Statement, investigation: Investigation) -> Iterator[str]:
    numbers = _NUMBER.findall(one.text)
    if not numbers:
        return
    held = set(_numbers(_cited_texts(one, investigation)))
    yield from (number for number in numbers if number not in held)


def _cited_texts(one: Statement, investigation: Investigation) -> Iterator[str]:
    """Give all words that a statement may take numbers from: what it cites or repeats, and the names of components."""
    for finding in investigation.findings:
        yield finding.component
        if finding.id in one.findings:
            yield from (finding.claim, finding.reason, finding.subject)
    for place in one.gaps:
        gap = investigation.gaps[place] if 0 <= place < len(investigation.gaps) else None
        if gap is not None:
            yield from (gap.detail, gap.next_step, gap.component or "")
    if one.observations:
        cited = set(one.observations)
        for observation in investigation.observations:
            if observation.id in cited:
                yield observation.summary
                yield observation.query.text
                yield from (str(cell) for row in observation.rows.rows for cell in row)
    yield from (each.component for each in investigation.ruled_out)
    reasons = [each.reason for each in investigation.ruled_out]
    reasons += [each.reason for each in investigation.verdict.objections]
    yield from (reason for reason in reasons if reason in one.text)
    yield investigation.incident.symptom.alert or ""
    yield from ("responder " + str(number) for number in range(1, 100) if "responder" in one.text)
    for edge in (call.edge for call in investigation.calls):
        yield from (edge.caller, edge.callee)


def _numbers(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from _NUMBER.findall(text)
