"""Questions about an incident, over an investigation with something of everything."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from api.errors import KnowledgeMissing, UsageError
from api.investigating.questions.answering import answer_about
from api.investigation.findings import Direction
from api.investigation.investigations import Investigation
from api.investigation.observations import Query, Rows, SourceClass, observe
from api.investigation.verdicts import Verdict, VerdictState
from api.schemas.investigation_questions import IncidentAdvice, IncidentOutcome, Topic
from tests.api.investigated import CPU, EDGE, SPANS, WINDOW, finding, investigation, observation

LOG = observe(
    Query(SourceClass.LOG, "recorded", "log lines of search-api", WINDOW),
    "search-api",
    "search-api wrote 9 lines of 2 templates (3 in healthy time)",
    Rows(
        ("template", "severity", "seen", "expected", "first", "example"),
        (("ok <id>", "info", 3, 3.0, "t1", "ok 7"), ("no route", "error", 6, 0.0, "t2", "no route to <host>")),
        2,
    ),
)
CALM = finding("logs-9", observation("rss", component="mail"), direction=Direction.STEADY, claim="mail is as always")
ADVICE = IncidentAdvice(
    text="Restart cart.", document_id="d", source="docs", path="cart.md", title="Cart", line_start=3, line_end=3
)


@pytest.fixture(scope="module")
def found() -> Investigation:
    """An investigation with logs of one component, and a component that is well."""
    plain = investigation(findings=(CALM,))
    return replace(plain, observations=(*plain.observations, LOG), blast_radius=("front",))


@pytest.mark.parametrize(
    ("question", "topic", "words", "observation_id"),
    [
        ("What caused it?", Topic.CAUSE, "Likely cause: cart ran out of CPU", CPU.id),
        ("Which component is at fault?", Topic.SUSPECT, "Likely cause: cart", CPU.id),
        ("When did it begin?", Topic.ONSET, "2026-09-21T14:13:25Z", CPU.id),
        ("when did trouble at front start", Topic.ONSET, "At front it shows first", EDGE.id),
        ("What changed?", Topic.CHANGED, "deploy-7", CPU.id),
        ("What was ruled out?", Topic.RULED_OUT, "its memory stayed as it was", CPU.id),
        ("show me the logs of search-api", Topic.LOGS, "6 error lines (none in healthy time", LOG.id),
        ("is front affected?", Topic.AFFECTED, "Yes: front is affected", EDGE.id),
        ("is mail affected?", Topic.AFFECTED, "mail is as always", CALM.observations[0]),
        ("who is hurt by this? what is the impact", Topic.AFFECTED, "Affected beside the cause: front", EDGE.id),
        ("how did it reach the front?", Topic.SPREAD, "From cart to front", EDGE.id),
        ("how do you know?", Topic.EVIDENCE, "self time of cart rose", SPANS.id),
        ("How sure are you?", Topic.CERTAINTY, "both sources ran on one host", CPU.id),
        ("is the CPU of cart high?", Topic.COMPONENT, "cpu_usage of cart rose", CPU.id),
        ("could front be the culprit?", Topic.SUSPECT, "candidate 2 of 2", EDGE.id),
    ],
)
def test_a_question_is_answered_with_the_observations_that_show_it(
    found: Investigation, question: str, topic: Topic, words: str, observation_id: str
) -> None:
    answer = answer_about(found, question)

    assert answer.topic is topic
    assert any(words in one.text for one in answer.statements), answer.statements
    assert any(observation_id in one.observations for one in answer.statements)


def test_every_observation_that_is_cited_is_one_of_the_investigation(found: Investigation) -> None:
    known = {one.id for one in found.observations} | set(CALM.observations)

    for question in ("what caused it", "when did it begin", "what changed", "logs", "what is affected", "evidence"):
        cited = {one for line in answer_about(found, question).statements for one in line.observations}
        assert cited <= known


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("is billing affected?", "'billing'"),
        ("show me logs from payments-eu", "'payments-eu'"),
        ("show the logs of cart", "no logs of cart; record them"),
        ("What is the capital of France?", "nothing observed answers this"),
        ("How do I restart it?", "does not tell what to do"),
    ],
)
def test_what_was_not_observed_is_not_answered(found: Investigation, question: str, why: str) -> None:
    answer = answer_about(found, question)

    assert answer.outcome is IncidentOutcome.ABSTAINED
    assert answer.statements == []
    assert why in " ".join(answer.missing)


def test_advice_of_documents_stands_apart_and_raises_no_outcome(found: Investigation) -> None:
    asked: list[str] = []

    def knowledge(question: str) -> Sequence[IncidentAdvice]:
        asked.append(question)
        return [ADVICE]

    answer = answer_about(found, "How do I restart it?", knowledge)

    assert asked == ["How do I restart it? (cart)"]
    assert (answer.outcome, answer.statements, answer.guidance) == (IncidentOutcome.ABSTAINED, [], [ADVICE])


def test_documents_are_not_asked_for_what_was_observed(found: Investigation) -> None:
    def knowledge(question: str) -> Sequence[IncidentAdvice]:
        raise AssertionError(question)

    assert answer_about(found, "When did it begin?", knowledge).guidance == []


def test_documents_that_cannot_be_asked_are_a_gap_and_no_failure(found: Investigation) -> None:
    def knowledge(question: str) -> Sequence[IncidentAdvice]:
        raise KnowledgeMissing("nothing was ingested")

    assert "nothing was ingested" in " ".join(answer_about(found, "What should we look at next?", knowledge).missing)


def test_a_finding_that_a_person_rejected_is_told_no_more(found: Investigation) -> None:
    rejected = replace(found, rejected=("metrics-1",))

    answer = answer_about(rejected, "is the CPU of cart high?")

    assert all("cpu_usage" not in one.text for one in answer.statements)


def test_an_unsettled_cause_is_told_as_a_candidate(found: Investigation) -> None:
    unsettled = replace(found, verdict=Verdict(VerdictState.INCONCLUSIVE, found.verdict.cause))

    assert answer_about(unsettled, "what is wrong?").statements[0].text.startswith("No cause is settled.")
    assert "if cart is the cause" in answer_about(unsettled, "is front affected?").statements[0].text


def test_a_word_that_may_mean_several_components_is_asked_back(found: Investigation) -> None:
    two = replace(found, incident=replace(found.incident, components=("search-web",)))

    answer = answer_about(two, "is search affected?")

    assert answer.outcome is IncidentOutcome.ABSTAINED
    assert "search-api" in answer.missing[0]
    assert "search-web" in answer.missing[0]


def test_the_name_of_a_component_asks_nothing_by_itself(found: Investigation) -> None:
    named = replace(found, incident=replace(found.incident, components=("log-shipper",)))

    assert answer_about(named, "when did log-shipper fail?").topic is Topic.ONSET


@pytest.mark.parametrize("question", ["", "  ", "x" * 2_001])
def test_a_question_that_is_none_is_refused(found: Investigation, question: str) -> None:
    with pytest.raises(UsageError, match="1 to 2,000 characters"):
        answer_about(found, question)
