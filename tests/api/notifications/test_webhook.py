"""The webhook's signature, checked by what the specification says, and its body."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import timedelta

from api.notifications.webhook import MOST_BYTES, WebhookDoor
from tests.api.notifications.happened import EVENT, HOSTILE, HOSTILE_EVENT, LONG_EVENT, MOMENT, message

KEYS = (b"k" * 32, b"l" * 24)
DOOR = WebhookDoor("https://events.example/x", KEYS)


def _is_signed(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """Check a request as a receiver does that has only the specification and `whsec_…`."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    said = [one.split(",", 1) for one in headers["webhook-signature"].split(" ")]
    return any(version == "v1" and hmac.compare_digest(value, right) for version, value in said)


def test_a_receiver_that_holds_either_secret_can_check_a_message() -> None:
    posting = DOOR.posting(message())
    secrets = [f"whsec_{base64.b64encode(key).decode()}" for key in KEYS]

    headers = dict(posting.headers)
    assert [_is_signed(headers, posting.body, secret) for secret in secrets] == [True, True]
    assert not _is_signed(headers, posting.body + b" ", secrets[0])
    assert not _is_signed(headers | {"webhook-timestamp": "1"}, posting.body, secrets[0])
    assert not _is_signed(headers | {"webhook-id": "msg_other"}, posting.body, secrets[0])
    assert not _is_signed(headers, posting.body, "whsec_" + base64.b64encode(b"m" * 32).decode())


def test_a_further_try_has_the_same_id_and_body_and_a_time_of_its_own() -> None:
    first, later = DOOR.posting(message()), DOOR.posting(replace(message(), now=MOMENT + timedelta(hours=1)))

    assert (first.body, first.headers["webhook-id"]) == (later.body, later.headers["webhook-id"])
    assert int(later.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 3600


def test_the_body_tells_all_of_the_event_as_data() -> None:
    told = json.loads(DOOR.posting(message(HOSTILE_EVENT)).body)

    assert (told["type"], told["timestamp"]) == ("groundwatch.investigation_concluded", "2026-05-01T03:00:00+00:00")
    assert told["data"]["title"] == HOSTILE
    assert told["data"]["link"] == EVENT.link


def test_a_body_that_is_too_long_leaves_out_its_last_parts_and_counts_them() -> None:
    body = DOOR.posting(message(LONG_EVENT)).body

    assert len(body) <= MOST_BYTES
    assert json.loads(body)["data"]["parts_left_out"] > 0


def test_neither_address_nor_headers_are_shown() -> None:
    assert "events.example" not in repr(DOOR.posting(message()))
    assert "webhook-signature" not in repr(DOOR.posting(message()))
