"""Messages that start and read investigations, over cases at hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from api.answer_markdown import answer_markdown
from api.answering.answer import Outcome
from api.errors import KnowledgeMissing, NotFound, UsageError
from api.incidents.incidents import Inquest
from api.investigation.investigations import Investigation
from api.responding.chat_door import ChatDoor
from api.schemas.answers import Answer
from api.schemas.incidents import IncidentDetail, IncidentInquest, IncidentState, IncidentSummary, Severity
from api.schemas.investigation_forms import to_result
from api.schemas.investigation_runs import InvestigationDetail, InvestigationRequest, InvestigationSummary, RunState
from tests.api.investigated import CPU, investigation

NOW = datetime(2026, 9, 22, 12, 0, tzinfo=UTC)
RUN = "0123456789abcdef0123456789abcdef"
KNOWN = {"checkout": ("cart",), "payment-gateway": (), "payment-worker": ()}


@dataclass
class FakeCases:
    """One investigation in a state, and one incident."""

    state: RunState = RunState.DONE
    inquest: str | None = None
    error: UsageError | None = None
    requests: list[InvestigationRequest] = field(default_factory=list)

    def start_investigation(self, request: InvestigationRequest) -> InvestigationSummary:
        if self.error is not None:
            raise self.error
        self.requests.append(request)
        return self.investigation(RUN).investigation

    def investigation(self, investigation_id: str) -> InvestigationDetail:
        if investigation_id != RUN:
            raise NotFound(f"there is no investigation {investigation_id!r}")
        summary = InvestigationSummary(
            id=RUN, title="", state=self.state, bundle="b", created_at=NOW, steps=7, attempts=1,
            error="no spans" if self.state is RunState.FAILED else "",
        )  # fmt: skip
        return InvestigationDetail(
            investigation=summary, result=to_result(investigation()) if self.state is RunState.DONE else None
        )

    def whole(self, investigation_id: str) -> Investigation:
        return investigation()

    def incident(self, incident_id: str) -> IncidentDetail:
        if incident_id != "4fa9c1":
            raise NotFound(f"there is no incident {incident_id!r}")
        stage = Inquest.STARTED if self.inquest else Inquest.NOT_ASKED
        one = IncidentSummary(
            id="4fa9c1", title="CartSlow at cart", state=IncidentState.OPEN, severity=Severity.CRITICAL, service="cart",
            services=["cart"], environment="", opened_at=NOW, started_at=NOW - timedelta(minutes=5), firing=1, alerts=1,
            messages=1, flaps=0, reopened=0, revision=1,
            investigation=IncidentInquest(stage=stage, id=self.inquest),
        )  # fmt: skip
        return IncidentDetail(incident=one, alerts=[], alerts_left_out=0, history=[], history_left_out=0)


def _known() -> Mapping[str, tuple[str, ...]]:
    return KNOWN


def _asked(cases: FakeCases, message: str, about: str | None = None) -> Answer | None:
    return ChatDoor(cases, _known, wait_seconds=0.0, now=lambda: NOW).answer(message, about)


def _told(cases: FakeCases, message: str, about: str | None = None) -> Answer:
    answer = _asked(cases, message, about)
    assert answer is not None
    return answer


def test_a_request_starts_an_investigation_and_tells_its_verdict_with_observations() -> None:
    cases = FakeCases()

    answer = _told(cases, "investigate checkout since 10:00")

    (request,) = cases.requests
    assert request.component == "checkout"
    assert request.window is not None
    assert (request.window.start, request.window.end) == (NOW - timedelta(hours=2), None)
    assert answer.outcome is Outcome.ANSWERED
    assert answer.reason == "Verdict: likely"
    assert answer.investigation is not None
    assert answer.investigation.link == f"/v1/investigations/{RUN}"
    assert CPU.id in answer.investigation.statements[0].observations


def test_without_a_time_the_last_half_hour_is_looked_at() -> None:
    cases = FakeCases()

    _told(cases, "what is wrong with checkout right now?")

    window = cases.requests[0].window
    assert window is not None
    assert window.start == NOW - timedelta(minutes=30)


def test_what_goes_on_is_linked_and_can_be_asked_for_again() -> None:
    answer = _told(FakeCases(RunState.RUNNING), "investigate checkout")

    assert answer.outcome is Outcome.PARTIAL
    assert "running, with 7 steps so far" in answer.reason
    assert f"/v1/investigations/{RUN}" in answer_markdown(answer)


def test_a_service_that_may_be_several_is_asked_back_and_nothing_is_started() -> None:
    cases = FakeCases()

    answer = _told(cases, "investigate payments since 10:00")

    assert "Which one is meant: payment-gateway, payment-worker?" in answer.reason
    assert cases.requests == []


@pytest.mark.parametrize(
    "message",
    ["investigate DiskAlmostFull", "what is wrong with the runbook right now?", "how do I look into checkout?"],
)
def test_what_names_no_service_that_is_known_stays_a_question_to_documents(message: str) -> None:
    assert _asked(FakeCases(), message) is None


def test_a_verb_with_a_time_is_enough() -> None:
    cases = FakeCases()

    _told(cases, "investigate the errors since 11:00")

    assert cases.requests[0].component == ""


def test_without_sources_it_says_what_to_connect() -> None:
    answer = _told(
        FakeCases(error=UsageError("no source is connected; set GROUNDWATCH_TELEMETRY_FILE")), "investigate cart"
    )

    assert answer.outcome is Outcome.ABSTAINED
    assert "GROUNDWATCH_TELEMETRY_FILE" in answer.reason


def test_an_incident_is_looked_up_and_investigated_where_nobody_did() -> None:
    looked_up, begun = FakeCases(inquest=RUN), FakeCases()

    known = _told(looked_up, "investigate incident 4fa9c1")
    fresh = _told(begun, "investigate incident 4fa9c1")

    assert (looked_up.requests, len(begun.requests)) == ([], 1)
    assert known.investigation is not None
    assert known.investigation.incident_id == "4fa9c1"
    assert fresh.reason == "Verdict: likely"
    assert begun.requests[0].severity == "critical"


def test_an_incident_that_is_not_there_is_told() -> None:
    assert "no incident 'abcdef'" in _told(FakeCases(), "investigate incident abcdef").reason


@pytest.mark.parametrize("message", ["and?", "status", "is it done?"])
def test_a_look_reads_the_investigation_of_the_turn_before(message: str) -> None:
    assert _told(FakeCases(), message, RUN).reason == "Verdict: likely"


def test_a_question_within_an_investigation_is_answered_from_it() -> None:
    answer = _told(FakeCases(), "when did it begin?", RUN)

    assert answer.investigation is not None
    assert "shows from" in answer.investigation.statements[0].text
    assert "`" + CPU.id in answer_markdown(answer)


@pytest.mark.parametrize("message", ["How do I restart it?", "What is our refund policy?"])
def test_a_question_for_documents_is_left_to_them(message: str) -> None:
    assert _asked(FakeCases(), message, RUN) is None


def test_one_that_failed_says_why() -> None:
    assert "failed: no spans" in _told(FakeCases(RunState.FAILED), "status", RUN).reason


def test_one_that_is_gone_is_told() -> None:
    assert "no investigation" in _told(FakeCases(), "status", "gone").reason


def test_without_documents_a_time_is_still_enough() -> None:
    def missing() -> Mapping[str, tuple[str, ...]]:
        raise KnowledgeMissing("nothing was ingested")

    cases = FakeCases()

    assert (
        ChatDoor(cases, missing, wait_seconds=0.0, now=lambda: NOW).answer("investigate since 11:00", None) is not None
    )
    assert len(cases.requests) == 1
