"""Which messages ask for an investigation, and that all others do not."""

from datetime import UTC, datetime, timedelta

import pytest

from api.conversations.investigation_asks import AskKind, asks_for_status, read_ask, services_in
from api.errors import UsageError

NOW = datetime(2026, 9, 22, 12, 0, tzinfo=UTC)
RUN = "0123456789abcdef0123456789abcdef"
KNOWN = {"checkout": ("checkout-api",), "payment-gateway": (), "payment-worker": ("payw",), "orders": ()}


@pytest.mark.parametrize(
    "message",
    [
        "investigate checkout since 10:00",
        "Please investigate checkout",
        "can you look into checkout for the last 20 minutes?",
        "let's diagnose checkout",
        "what is wrong with payments right now?",
        "why is checkout slow right now?",
        "why was checkout down from 10:00 to 11:00?",
    ],
)
def test_a_plain_request_asks_for_an_investigation(message: str) -> None:
    ask = read_ask(message, NOW, in_investigation=False)

    assert ask is not None
    assert ask.kind is AskKind.START


@pytest.mark.parametrize(
    "message",
    [
        "How do I investigate a slow checkout?",
        "What do I do when PgDiskAlmostFull fires?",
        "why is checkout slow",
        "what is wrong with payments?",
        "who should look into checkout errors?",
        "the runbook says to investigate the database",
        "we looked into it since 10:00",
        "what happened in the incident of last May?",
        "incident severity levels",
        "status",
        "and?",
        "",
        "investigate " + "x" * 700,
    ],
)
def test_all_else_is_a_question_to_documents(message: str) -> None:
    assert read_ask(message, NOW, in_investigation=False) is None


def test_a_time_is_read_from_the_request() -> None:
    ask = read_ask("investigate checkout since 10:00", NOW, in_investigation=False)

    assert ask is not None
    assert ask.stretch is not None
    assert ask.stretch.start == NOW - timedelta(hours=2)


def test_incidents_and_investigations_are_named_by_their_ids() -> None:
    incident = read_ask("what is the status of incident 4fa9c1?", NOW, in_investigation=False)
    run = read_ask(f"show /v1/investigations/{RUN}", NOW, in_investigation=False)

    assert (incident and (incident.kind, incident.name)) == (AskKind.INCIDENT, "4fa9c1")
    assert (run and (run.kind, run.name)) == (AskKind.READ, RUN)


def test_within_an_investigation_a_question_is_about_it() -> None:
    ask = read_ask("when did it begin?", NOW, in_investigation=True)

    assert ask is not None
    assert ask.kind is AskKind.FOLLOW


@pytest.mark.parametrize(
    "message", ["and?", "status", "any news?", "So, is it done?", "what's the verdict?", "??", "how far"]
)
def test_a_look_at_how_far_it_is_is_understood(message: str) -> None:
    assert asks_for_status(message)


@pytest.mark.parametrize("message", ["why?", "when did it begin?", "status of checkout", "what changed"])
def test_a_question_is_more_than_a_look(message: str) -> None:
    assert not asks_for_status(message)


def test_a_time_that_cannot_be_meant_is_refused() -> None:
    with pytest.raises(UsageError, match="is no time"):
        read_ask("investigate checkout since 25:61", NOW, in_investigation=False)


@pytest.mark.parametrize(
    ("text", "names", "unclear"),
    [
        ("look into Checkout", ("checkout",), ()),
        ("look into checkout api", ("checkout",), ()),
        ("investigate payw", ("payment-worker",), ()),
        ("investigate payment_gateway now", ("payment-gateway",), ()),
        ("what is wrong with payments", (), ("payment-gateway", "payment-worker")),
        ("investigate orders and checkout", ("orders", "checkout"), ()),
        ("investigate billing", (), ()),
        ("investigate the checkouts2", (), ()),
    ],
)
def test_services_are_those_that_documents_name(text: str, names: tuple[str, ...], unclear: tuple[str, ...]) -> None:
    found = services_in(text, KNOWN)

    assert (found.names, found.unclear) == (names, unclear)
