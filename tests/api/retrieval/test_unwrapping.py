"""What people paste is searched by its words, and a plain question stays as it is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.retrieval.query import understand
from api.retrieval.unwrapping import unwrap


@pytest.mark.parametrize(
    "question",
    ["What do I do when DbDiskFull fires?", "how do I [re]start checkout", "Error: pool exhausted", "{not json", ""],
)
def test_a_question_stays_as_it_is(question: str) -> None:
    assert unwrap(question) == question


@pytest.mark.parametrize("state", ["[FIRING:2] ", "[RESOLVED] ", "[firing:1]"])
def test_the_state_before_an_alert_is_no_part_of_it(state: str) -> None:
    assert unwrap(f"{state}DbDiskFull on db-1") == "DbDiskFull on db-1"
    assert understand(f"{state}DbDiskFull on db-1").identifiers[0].text == "DbDiskFull"


def test_an_id_alone_is_still_looked_for() -> None:
    assert understand("9f127c06550e8400e29b41d4a7164466").text == "9f127c06550e8400e29b41d4a7164466"


def test_an_alertmanager_payload_is_its_alerts() -> None:
    alert = {
        "status": "firing",
        "labels": {"alertname": "DbDiskFull", "instance": "db-1", "severity": "critical"},
        "annotations": {"summary": "Disk nearly full", "description": "4 % left on db-1", "runbook_url": "http://x/y"},
    }
    body = {"version": "4", "groupKey": "{}:{}", "alerts": [alert, alert], "externalURL": "http://alerts"}

    assert unwrap(json.dumps(body)) == "DbDiskFull Disk nearly full 4 % left on db-1"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("2026-03-01T10:00:00.123Z ERROR pool exhausted", "pool exhausted"),
        ("2026-03-01 10:00:00,123 [WARN] slow query", "slow query"),
        ("Mar  1 10:00:00 disk is full", "disk is full"),
        ("E0301 10:00:00.123456   1234 reflector.go:138] failed to list pods", "failed to list pods"),
        ('time="2026-03-01T10:00:00Z" level=error msg="cannot reach \\"db\\""', 'cannot reach "db"'),
        ('{"level":"error","ts":1,"msg":"lease lost","trace_id":"abc"}', "lease lost"),
        ("request 550e8400-e29b-41d4-a716-446655440000 timed out", "request timed out"),
    ],
)
def test_a_log_line_is_its_message(line: str, message: str) -> None:
    assert " ".join(unwrap(line).split()) == message


def test_a_python_trace_is_what_was_raised_and_its_newest_frames() -> None:
    text = (
        "Traceback (most recent call last):\n"
        '  File "/app/main.py", line 3, in serve\n    run()\n'
        '  File "/app/pool.py", line 9, in acquire\n    raise PoolTimeout("no connection")\n'
        "PoolTimeout: no connection within 30 s\n"
    )

    assert unwrap(text) == "PoolTimeout: no connection within 30 s serve acquire"


def test_a_java_trace_is_what_was_thrown_and_its_first_frames() -> None:
    frames = "".join(f"\tat org.frame.Work.step{n}(Work.java:{n})\n" for n in range(9))
    text = f"java.lang.IllegalStateException: queue is closed\n{frames}Caused by: java.io.IOException: broken pipe\n"

    found = unwrap(text)

    assert found.startswith("java.lang.IllegalStateException: queue is closed java.io.IOException: broken pipe")
    assert "step0" in found
    assert "step8" not in found


def test_a_payload_nested_beyond_reason_is_text() -> None:
    assert unwrap("[" * 50_000 + "]" * 50_000).startswith("[")


@given(st.text(max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    assert isinstance(unwrap(text), str)
