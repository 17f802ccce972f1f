"""Messages to Slack: within its limits, and words of others are words only."""

import json
import re
from typing import Any

from api.notifications.slack import SlackDoor
from tests.api.notifications.happened import EVENT, HOSTILE_EVENT, LONG_EVENT, message

DOOR = SlackDoor("https://hooks.slack.example/services/T/B/x")


def _sent(event: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(DOOR.posting(message(event)).body)
    return told


def _texts(told: dict[str, Any]) -> list[dict[str, Any]]:
    blocks = told["blocks"]
    return [one["text"] for one in blocks if "text" in one] + [e for one in blocks for e in one.get("elements", ())]


def test_a_message_tells_verdict_evidence_gaps_link_and_id() -> None:
    told = _sent(EVENT)

    said = "\n".join(one["text"] for one in _texts(told))
    assert told["blocks"][0]["type"] == "header"
    for words in ("Checkout is slow", "Severity: critical", "cart-db", "disk use rose", "no traces for", message().id):
        assert words in said
    assert "<https://groundwatch.example/investigations?id=i1|Open in Groundwatch>" in said


def test_words_of_others_make_no_link_and_mention_nobody() -> None:
    told = _sent(HOSTILE_EVENT)

    texts = _texts(told)
    angles = [found for one in texts for found in re.findall("<[^>]*>", one["text"])]
    assert angles == ["<https://groundwatch.example/investigations?id=i1|Open in Groundwatch>"]
    assert "<" not in told["text"]
    assert all(one["verbatim"] is True for one in texts if one["type"] == "mrkdwn")
    assert (told["link_names"], told["parse"], told["mrkdwn"]) == (False, "none", False)
    assert "\u202e" not in json.dumps(told, ensure_ascii=False)


def test_a_long_message_stays_within_the_limits_and_keeps_link_and_id() -> None:
    told = _sent(LONG_EVENT)

    assert len(told["blocks"]) <= 50
    assert all(len(one["text"]) <= 3000 for one in _texts(told))
    assert len(told["blocks"][0]["text"]["text"]) <= 150
    assert message().id in told["blocks"][-1]["elements"][0]["text"]
    assert "Open in Groundwatch" in told["blocks"][-2]["text"]["text"]
    # No escaped sign is cut in its middle.
    assert all(not re.search(r"&(?!amp;|lt;|gt;)", one["text"]) for one in _texts(told))


def test_a_message_is_the_same_at_each_try() -> None:
    assert DOOR.posting(message()).body == DOOR.posting(message()).body
