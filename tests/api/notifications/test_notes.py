"""Notes to PagerDuty, Opsgenie and Jira: at the right place, found again, and without links of others."""

import base64
import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from api.incidents.payloads.opsgenie import read as read_opsgenie
from api.incidents.payloads.pagerduty import read as read_pagerduty
from api.notifications.events import Reference
from api.notifications.jira import JiraDoor
from api.notifications.opsgenie import OpsgenieDoor, alert_of
from api.notifications.pagerduty import PagerDutyDoor, incident_of
from api.notifications.posting import Reply, Untellable
from tests.api.notifications.happened import EVENT, HOSTILE_EVENT, LONG_EVENT, MOMENT, message

PAGERDUTY = PagerDutyDoor("https://api.pagerduty.com", "token", "oncall@shop.example")
OPSGENIE = OpsgenieDoor("https://api.opsgenie.com/", "key")
COMMENTS = JiraDoor("https://shop.atlassian.net", "me", "token", issue="OPS-7", project="", issue_type="Task")
ISSUES = JiraDoor("https://shop.atlassian.net", "me", "token", issue="", project="OPS", issue_type="Incident")


def _reply(told: Any) -> Reply:
    return Reply(200, json.dumps(told).encode())


def test_pagerduty_gets_a_note_on_the_incident_that_its_alert_came_from() -> None:
    posting = PAGERDUTY.posting(message())

    assert (posting.method, posting.url) == ("POST", "https://api.pagerduty.com/incidents/Q2AIXW1/notes")
    assert posting.headers["From"] == "oncall@shop.example"
    assert posting.headers["Authorization"] == "Token token=token"
    assert posting.headers["Accept"] == "application/vnd.pagerduty+json;version=2"
    content = json.loads(posting.body)["note"]["content"]
    assert "disk use rose" in content
    assert message().id in content
    assert EVENT.link in content


def test_pagerduty_is_asked_whether_the_note_is_there() -> None:
    posting = PAGERDUTY.seeking(message())
    shape = {"id": "PWL7QXS", "user": {"id": "P1"}, "channel": {"summary": "The PagerDuty website or APIs"}}

    assert (posting.method, posting.url) == ("GET", "https://api.pagerduty.com/incidents/Q2AIXW1/notes")
    assert PAGERDUTY.found(message(), _reply({"notes": [{**shape, "content": f"x {message().id}"}]})) == ""
    assert PAGERDUTY.found(message(), _reply({"notes": [{**shape, "content": "another"}]})) is None
    assert PAGERDUTY.found(message(), Reply(200, b"<html>")) is None


def test_opsgenie_gets_a_note_on_the_alert_and_is_asked_whether_it_is_there() -> None:
    posting = OPSGENIE.posting(message())

    place = "https://api.opsgenie.com/v2/alerts/70413a06-38d6-4c85-92b8-5ebc900d42e2/notes?identifierType=id"
    assert posting.url == place
    assert posting.headers["Authorization"] == "GenieKey key"
    assert message().id in json.loads(posting.body)["note"]
    assert OPSGENIE.seeking(message()).url.startswith(place)
    assert OPSGENIE.found(message(), _reply({"data": [{"note": message().id, "owner": "x"}]})) == ""
    assert OPSGENIE.found(message(), _reply({"data": None})) is None


@pytest.mark.parametrize("door", [PAGERDUTY, OPSGENIE])
@pytest.mark.parametrize(
    "references",
    [(), (Reference("alertmanager", "abcd"),), (Reference("pagerduty", ".."), Reference("opsgenie", ".."))],
)
def test_where_no_alert_came_from_there_it_says_that_it_can_not_be_told(
    door: PagerDutyDoor | OpsgenieDoor, references: tuple[Reference, ...]
) -> None:
    with pytest.raises(Untellable, match="no alert of this incident came from"):
        door.posting(message(replace(EVENT, references=references)))


@pytest.mark.parametrize("door", [PAGERDUTY, OPSGENIE])
def test_notes_hold_no_address_but_our_own(door: PagerDutyDoor | OpsgenieDoor) -> None:
    (content,) = [one for one in _strings(json.loads(door.posting(message(HOSTILE_EVENT)).body)) if len(one) > 100]

    assert re.findall(r"\S*://\S*", content) == [EVENT.link]
    assert "www." not in content
    assert "mailto:" not in content
    assert not re.search(r"@\w", content)
    assert "\u202e" not in content


@pytest.mark.parametrize(("door", "most"), [(PAGERDUTY, 20_000), (OPSGENIE, 25_000)])
def test_a_long_note_is_cut_and_keeps_link_and_id(door: PagerDutyDoor | OpsgenieDoor, most: int) -> None:
    (content,) = [one for one in _strings(json.loads(door.posting(message(LONG_EVENT)).body)) if len(one) > 100]

    assert len(content) <= most
    assert content.endswith(f"{EVENT.link}\nGroundwatch {message().id}")


def test_jira_gets_a_comment_on_the_issue_that_is_set() -> None:
    posting = COMMENTS.posting(message())

    assert posting.url == "https://shop.atlassian.net/rest/api/3/issue/OPS-7/comment"
    assert posting.headers["Authorization"] == "Basic " + base64.b64encode(b"me:token").decode()
    assert message().id in " ".join(_strings(json.loads(posting.body)["body"]))
    body = {"type": "doc", "version": 1, "content": [{"type": "text", "text": f"Groundwatch {message().id}"}]}
    assert COMMENTS.found(message(), _reply({"comments": [{"body": body}]})) == "OPS-7"
    assert COMMENTS.found(message(), _reply({"comments": []})) is None


def test_jira_gets_one_issue_for_an_incident_and_comments_on_it_from_then_on() -> None:
    first = ISSUES.posting(message())
    fields = json.loads(first.body)["fields"]
    key = ISSUES.thread(message(), Reply(201, b'{"id": "10000", "key": "OPS-24", "self": "https://x"}'))

    assert first.url == "https://shop.atlassian.net/rest/api/3/issue"
    assert (fields["project"], fields["issuetype"]) == ({"key": "OPS"}, {"name": "Incident"})
    assert fields["labels"] == ["groundwatch", f"groundwatch-{message().id}"]
    assert key == "OPS-24"
    assert ISSUES.posting(message(thread=key)).url.endswith("/issue/OPS-24/comment")


def test_an_issue_of_an_earlier_try_is_found_by_its_label() -> None:
    asked = urlsplit(ISSUES.seeking(message()).url)

    assert asked.path == "/rest/api/3/search/jql"
    assert parse_qs(asked.query)["jql"] == [f'project = "OPS" AND labels = "groundwatch-{message().id}"']
    assert ISSUES.found(message(), _reply({"issues": [{"key": "OPS-24"}], "isLast": True})) == "OPS-24"
    assert ISSUES.found(message(), _reply({"issues": [], "isLast": True})) is None


@pytest.mark.parametrize("event", [HOSTILE_EVENT, LONG_EVENT])
def test_a_document_for_jira_has_one_link_no_mention_and_no_empty_text(event: Any) -> None:
    nodes = list(_nodes(json.loads(COMMENTS.posting(message(event)).body)["body"]))

    links = [mark["attrs"]["href"] for one in nodes for mark in one.get("marks", ()) if mark["type"] == "link"]
    assert links == [EVENT.link]
    assert {one["type"] for one in nodes} <= {"doc", "paragraph", "text", "bulletList", "listItem"}
    assert all(one["text"] for one in nodes if one["type"] == "text")
    assert sum(len(one.get("text", "")) for one in nodes) < 32_767


def test_the_summary_of_an_issue_has_one_line_of_255_characters_at_most() -> None:
    summary = json.loads(ISSUES.posting(message(replace(LONG_EVENT, title="a\nb" * 300))).body)["fields"]["summary"]

    assert len(summary) <= 255
    assert "\n" not in summary


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [one for inner in value.values() for one in _strings(inner)]
    if isinstance(value, list):
        return [one for inner in value for one in _strings(inner)]
    return [value] if isinstance(value, str) else []


def _nodes(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *(one for inner in node.get("content", ()) for one in _nodes(inner))]


def test_what_the_webhooks_read_is_enough_to_find_the_incident_and_the_alert_there() -> None:
    event = {
        "id": "Q2AIXW1",
        "type": "incident",
        "status": "triggered",
        "title": "Slow",
        "html_url": "https://x.example",
    }
    pagerduty = {"event": {"event_type": "incident.triggered", "data": event}}
    genie = {"action": "Create", "alert": {"alertId": "70413a06-38d6-4c85-92b8-5ebc900d42e2", "message": "Slow"}}
    alerts = [
        *read_pagerduty(json.dumps(pagerduty).encode(), now=MOMENT).alerts,
        *read_opsgenie(json.dumps(genie).encode(), now=MOMENT).alerts,
    ]

    told = replace(EVENT, references=tuple(Reference(one.sender, one.fingerprint, one.link) for one in alerts))

    assert (incident_of(told), alert_of(told)) == ("Q2AIXW1", "70413a06-38d6-4c85-92b8-5ebc900d42e2")
