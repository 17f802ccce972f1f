"""Messages of all senders as requests to investigate."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from api.errors import UsageError
from api.incidents.payloads.fields import parsed
from api.incidents.payloads.senders import sender_of
from api.responding.alert_requests import request_of_message

NOW = datetime(2026, 9, 22, 10, 0, tzinfo=UTC)
_ALERT = {"labels": {"alertname": "CartSlow", "service": "cart", "severity": "warning"}, "status": "firing"}


def _at(minutes: int) -> str:
    return (NOW + timedelta(minutes=minutes)).isoformat()


def _body(*alerts: Mapping[str, object], **more: object) -> bytes:
    return json.dumps({"version": "4", "groupKey": "k", "alerts": list(alerts), **more}).encode()


@pytest.mark.parametrize(
    ("message", "sender"),
    [
        ({"event": {"event_type": "incident.triggered"}}, "pagerduty"),
        ({"messages": []}, "pagerduty"),
        ({"action": "Create", "alert": {"alertId": "1"}}, "opsgenie"),
        ({"alerts": [], "orgId": 1}, "grafana"),
        ({"ruleName": "Slow", "state": "alerting"}, "grafana"),
        ({"alert_transition": "Triggered"}, "datadog"),
        ({"alerts": [], "receiver": "on-call"}, "alertmanager"),
        ({"alerts": []}, "generic"),
        ({"name": "DiskFull"}, "generic"),
        ({"event": "deployed"}, "generic"),
    ],
)
def test_the_form_of_a_message_tells_its_sender(message: dict[str, object], sender: str) -> None:
    assert sender_of(parsed(json.dumps(message).encode())) == sender


def test_alerts_of_one_failure_are_one_request_by_the_worst_of_them() -> None:
    early = {**_ALERT, "startsAt": _at(-20)}
    labels = {"alertname": "CartDown", "service": "cart", "severity": "critical"}
    worst = {"labels": labels, "status": "firing", "startsAt": _at(-15)}

    found = request_of_message(_body(early, worst), now=NOW)

    assert (found.request.alert, found.request.severity, found.request.component) == ("CartDown", "critical", "cart")
    assert found.request.window is not None
    assert found.request.window.start == NOW - timedelta(minutes=30)
    assert found.notes == ()


def test_of_several_incidents_the_worst_that_goes_on_is_asked_for_and_the_others_are_named() -> None:
    other = {"labels": {"alertname": "MailDown", "service": "mail", "severity": "critical"}}
    ended = {**other, "status": "resolved", "startsAt": _at(-40), "endsAt": _at(-30)}

    found = request_of_message(_body({**_ALERT, "startsAt": _at(-5)}, ended), now=NOW)

    assert found.request.component == "cart"
    assert "2 incidents" in found.notes[0]
    assert "MailDown" in found.notes[0]


def test_what_was_resolved_is_looked_at_as_long_as_it_lasted() -> None:
    ended = {**_ALERT, "status": "resolved", "startsAt": _at(-400), "endsAt": _at(-390)}

    window = request_of_message(_body(ended), now=NOW).request.window

    assert window is not None
    assert (window.start, window.end) == (NOW - timedelta(minutes=410), NOW - timedelta(minutes=390))


def test_an_alert_that_has_fired_for_days_is_looked_at_for_its_last_hours_and_says_so() -> None:
    found = request_of_message(_body({**_ALERT, "startsAt": _at(-3_000)}), now=NOW)

    assert found.request.window is not None
    assert found.request.window.start == NOW - timedelta(hours=6)
    assert found.notes[0].startswith("it began 2026-09-20 08:00 UTC")


def test_an_alert_by_itself_and_a_list_of_them_are_read() -> None:
    alone = json.dumps({**_ALERT, "startsAt": _at(-5)}).encode()
    listed = json.dumps([{**_ALERT, "status": {"state": "active"}, "startsAt": _at(-5)}]).encode()

    assert request_of_message(alone, now=NOW).request == request_of_message(listed, now=NOW).request


def test_one_bad_alert_does_not_take_the_good_ones_with_it() -> None:
    found = request_of_message(_body({"labels": 3}, {**_ALERT, "startsAt": _at(-5)}), now=NOW)

    assert found.request.alert == "CartSlow"
    assert "alerts[0]" in found.notes[0]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100_000, "nested"),
        (b'{"event": {"event_type": "pagey.ping"}}', "a ping"),
        (b"x" * 32_000_001, "at most"),
    ],
)
def test_what_is_no_message_is_refused(body: bytes, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        request_of_message(body, now=datetime(2026, 1, 1, tzinfo=UTC))


def test_a_sender_that_is_named_counts_over_the_form() -> None:
    with pytest.raises(UsageError, match="event"):
        request_of_message(_body({**_ALERT, "startsAt": _at(-5)}), now=NOW, sender="pagerduty")
