"""Investigations in a conversation: begun where a message plainly asks for one, read where it asks about one."""

import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

from api.answering.answer import Outcome
from api.conversations.investigation_asks import AskKind, InvestigationAsk, asks_for_status, read_ask, services_in
from api.errors import GroundwatchError, NotFound, UsageError
from api.investigating.questions.answering import answer_about
from api.investigating.questions.asked import read_question
from api.investigation.investigations import Investigation
from api.schemas.answers import Answer, Confidence
from api.schemas.incidents import IncidentDetail
from api.schemas.investigation_questions import IncidentOutcome, InvestigationTurn, Topic
from api.schemas.investigation_runs import (
    AskedWindow,
    InvestigationDetail,
    InvestigationRequest,
    InvestigationSummary,
    RunState,
)

_WAIT_SECONDS, _LOOK_SECONDS = 5.0, 0.1
_WAITING = 2  # answers at a time that wait for a verdict: each holds one of the threads that serve requests
_UNSAID = timedelta(minutes=30)
"""How far back is looked where a message names no time."""

_OUTCOMES = {
    IncidentOutcome.ANSWERED: Outcome.ANSWERED,
    IncidentOutcome.PARTIAL: Outcome.PARTIAL,
    IncidentOutcome.ABSTAINED: Outcome.ABSTAINED,
}


class Casebook(Protocol):
    """Investigations begun and read, incidents read."""

    def start_investigation(self, request: InvestigationRequest) -> InvestigationSummary:
        """Ask for an investigation. Raises UsageError that says what to do, as where no source is connected."""

    def investigation(self, investigation_id: str) -> InvestigationDetail:
        """Return one; raises NotFound."""

    def whole(self, investigation_id: str) -> Investigation:
        """Return one that is done with the rows of its observations."""

    def incident(self, incident_id: str) -> IncidentDetail:
        """Return one; raises NotFound."""


Services = Callable[[], Mapping[str, Iterable[str]]]
"""Gives the services that documents name, each with its other names."""


def _now() -> datetime:
    return datetime.now(UTC)


class ChatDoor:
    """Answers of investigations to messages; deterministic, and None for all that does not plainly ask for one."""

    def __init__(
        self,
        cases: Casebook,
        services: Services,
        *,
        wait_seconds: float = _WAIT_SECONDS,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._cases, self._services, self._wait_seconds, self._now = cases, services, wait_seconds, now
        self._waiting = threading.BoundedSemaphore(_WAITING)

    def answer(self, question: str, about: str | None) -> Answer | None:
        """Return the answer, or None; `about` is the investigation that the turn before was of."""
        try:
            ask = read_ask(question, self._now(), in_investigation=about is not None)
            if ask is None:
                return None
            match ask.kind:
                case AskKind.START:
                    return self._started(ask)
                case AskKind.INCIDENT:
                    return self._of_incident(ask)
                case AskKind.READ:
                    return self._told(question, self._cases.investigation(ask.name))
                case AskKind.FOLLOW:
                    return self._followed(question, about or "")
        except (UsageError, NotFound) as error:
            return _answer(question, str(error), Outcome.ABSTAINED, InvestigationTurn())

    def _started(self, ask: InvestigationAsk) -> Answer | None:
        named = services_in(ask.text.replace(ask.stretch.written, " ") if ask.stretch else ask.text, self._known())
        if named.unclear or len(named.names) > 1:
            several = ", ".join(named.unclear or named.names)
            said = f"Which one is meant: {several}? Name one of them, and a time where you know it"
            return _answer(ask.text, said, Outcome.ABSTAINED, InvestigationTurn())
        if not named.names and not (ask.by_verb and ask.stretch):
            return None
        component = next(iter(named.names), "")
        window = AskedWindow(start=self._now() - _UNSAID)
        if ask.stretch is not None:
            window = AskedWindow(start=ask.stretch.start, end=ask.stretch.end)
        asked = self._cases.start_investigation(
            InvestigationRequest(title=ask.text[:300], window=window, component=component, symptom=ask.text)
        )
        return self._told(ask.text, self._waited(asked.id))

    def _of_incident(self, ask: InvestigationAsk) -> Answer:
        """Return what the investigation of an incident says; one is begun where the incident has none."""
        found = self._cases.incident(ask.name).incident
        if found.investigation.id is not None:
            return self._told(ask.text, self._cases.investigation(found.investigation.id), incident=found.id)
        start = min(found.started_at, self._now()) - timedelta(minutes=10)
        request = InvestigationRequest(
            title=found.title[:300],
            window=AskedWindow(start=max(start, self._now() - timedelta(hours=6))),
            component=(found.service or "")[:300],
            symptom=found.title[:2_000],
            severity=found.severity.value,
        )
        asked = self._cases.start_investigation(request)
        return self._told(ask.text, self._waited(asked.id), incident=found.id)

    def _followed(self, question: str, about: str) -> Answer | None:
        """Return what the investigation says to a question, None where it is not about what was observed."""
        if asks_for_status(question):
            return self._told(question, self._cases.investigation(about))
        found = self._cases.investigation(about)
        if found.result is None:
            return None
        whole = self._cases.whole(about)
        if read_question(question, whole).topic in (Topic.ADVICE, Topic.OTHER):
            return None
        answer = answer_about(whole, question)
        reason = "From what was observed" if answer.statements else "What was observed does not tell"
        turn = _turn(found).model_copy(update={"statements": answer.statements})
        return _answer(question, reason, _OUTCOMES[answer.outcome], turn, missing=answer.missing)

    def _told(self, question: str, found: InvestigationDetail, *, incident: str | None = None) -> Answer:
        """Return how far an investigation is and, once it is done, its verdict with the observations behind it."""
        turn = _turn(found).model_copy(update={"incident_id": incident})
        state = found.investigation.state
        if found.result is None:
            if not state.ended:
                steps = found.investigation.steps
                said = f"The investigation is {state.value}, with {steps} steps so far; ask again for its verdict"
                return _answer(question, said, Outcome.PARTIAL, turn, missing=["its verdict"])
            why = f": {found.investigation.error}" if found.investigation.error else ""
            return _answer(question, f"The investigation is {state.value}{why}", Outcome.ABSTAINED, turn)
        told = answer_about(self._cases.whole(found.investigation.id), "what caused it?")
        deciding = found.result.verdict.deciding
        settle = [f"What would settle it: {deciding.source}: {deciding.text}"] if deciding else []
        said = f"Verdict: {found.result.verdict.state.value.replace('_', ' ')}"
        turn = turn.model_copy(update={"statements": told.statements})
        return _answer(question, said, _OUTCOMES[told.outcome], turn, missing=[*told.missing, *settle])

    def _waited(self, name: str) -> InvestigationDetail:
        """Return an investigation once it has ended, or as it is after some seconds."""
        end = time.monotonic() + self._wait_seconds
        if self._waiting.acquire(blocking=False):
            try:
                while not (found := self._cases.investigation(name)).investigation.state.ended:
                    if time.monotonic() >= end:
                        break
                    time.sleep(_LOOK_SECONDS)
                return found
            finally:
                self._waiting.release()
        return self._cases.investigation(name)

    def _known(self) -> Mapping[str, Iterable[str]]:
        try:
            return self._services()
        except GroundwatchError:
            return {}  # without documents a message may still name a time or an incident


def _turn(found: InvestigationDetail) -> InvestigationTurn:
    one = found.investigation
    return InvestigationTurn(
        id=one.id,
        link=f"/v1/investigations/{one.id}",
        state=one.state.value,
        verdict=one.verdict.value if one.verdict and one.state is RunState.DONE else "",
        component=one.component or "",
    )


def _answer(
    question: str, reason: str, outcome: Outcome, turn: InvestigationTurn, *, missing: Iterable[str] = ()
) -> Answer:
    return Answer(
        id=uuid.uuid4().hex,
        question=question,
        outcome=outcome,
        reason=reason,
        statements=[],
        confidence=Confidence(words="none"),
        missing=list(missing),
        nearest=[],
        warnings=[],
        investigation=turn,
        generation=0,
        took_ms=0.0,
    )
