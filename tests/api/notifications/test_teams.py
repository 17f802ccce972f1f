"""Messages to Teams: a card below 28 KB whose words of others stand where Markdown is not read."""

import json
from typing import Any

from api.notifications.teams import MOST_BYTES, TeamsDoor
from tests.api.notifications.happened import EVENT, HOSTILE_EVENT, LONG_EVENT, message

DOOR = TeamsDoor("https://prod.logic.example/workflows/x")


def _card(event: Any) -> dict[str, Any]:
    told = json.loads(DOOR.posting(message(event)).body)
    assert told["type"] == "message"
    (attachment,) = told["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card: dict[str, Any] = attachment["content"]
    return card


def _runs(card: dict[str, Any]) -> list[str]:
    assert {one["type"] for one in card["body"]} == {"RichTextBlock"}
    return [run["text"] for one in card["body"] for run in one["inlines"]]


def test_a_card_tells_verdict_evidence_gaps_link_and_id() -> None:
    card = _card(EVENT)

    said = "\n".join(_runs(card))
    for words in ("Checkout is slow", "Severity: critical", "disk use rose", "no traces for", message().id):
        assert words in said
    assert card["actions"] == [
        {
            "type": "Action.OpenUrl",
            "title": "Open in Groundwatch",
            "url": "https://groundwatch.example/investigations?id=i1",
        }
    ]


def test_words_of_others_are_text_runs_without_mentions_functions_or_hidden_signs() -> None:
    card = _card(HOSTILE_EVENT)

    said = "".join(_runs(card))
    assert "entities" not in card["msteams"]
    assert "{{" not in said
    assert "\u202e" not in said
    assert "evil.example" not in json.dumps(card["actions"])


def test_a_card_that_is_too_large_leaves_out_its_last_parts_and_says_so() -> None:
    body = DOOR.posting(message(LONG_EVENT)).body

    assert len(body) <= MOST_BYTES
    assert any("more parts did not fit" in one for one in _runs(_card(LONG_EVENT)))
    assert message().id in _runs(_card(LONG_EVENT))[-1]
