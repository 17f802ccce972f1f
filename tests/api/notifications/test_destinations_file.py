"""The file of destinations: each with its door, secrets from the environment, and what is wrong named by its line."""

import base64
from pathlib import Path

import pytest

from api.errors import UsageError
from api.incidents.alerts import Severity
from api.notifications.events import EventKind
from api.notifications.opening import open_destinations

KEY = "whsec_" + base64.b64encode(b"k" * 32).decode()
WHOLE = """\
destinations:
  - {name: slack, kind: slack, url: "${SLACK}", events: [incident_opened], from_severity: error}
  - {name: teams, kind: teams, url: "https://teams.example/x"}
  - {name: pd, kind: pagerduty, token: "${PD}", from: me@shop.example}
  - {name: genie, kind: opsgenie, key: "${PD}"}
  - {name: jira, kind: jira, url: "https://shop.atlassian.net", user: me, token: "${PD}", project: OPS}
  - {name: own, kind: webhook, url: "http://127.0.0.1:9/x", secrets: ["${KEY}"]}
"""
ENVIRONMENT = {"SLACK": "https://hooks.slack.example/services/T/B/tell-nobody", "PD": "tell-nobody-too", "KEY": KEY}


def _file(folder: Path, text: str) -> Path:
    file = folder / "notifications.yaml"
    file.write_text(text)
    return file


def test_each_kind_is_opened_and_its_secrets_are_known_and_not_shown(tmp_path: Path) -> None:
    found = open_destinations(_file(tmp_path, WHOLE), ENVIRONMENT)

    assert [one.kind for one in found] == ["slack", "teams", "pagerduty", "opsgenie", "jira", "webhook"]
    assert found[0].events == {EventKind.INCIDENT_OPENED}
    assert found[0].from_severity is Severity.ERROR
    assert EventKind.TEST not in found[1].events
    assert "tell-nobody" not in repr(found)
    assert "/services/T/B/tell-nobody" in found[0].secrets
    assert KEY in found[5].secrets


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{name: a, kind: slack, url: 'http://hooks.example/x'}", "url is http"),
        ("{name: a, kind: slack, url: 'ftp://hooks.example/x'}", "url must be https"),
        ("{name: a, kind: slack, url: 'https://u:p@hooks.example/x'}", "without a user"),
        ("{name: a, kind: slack}", "'destinations.0.url' is missing"),
        ("{name: a, kind: pigeon, url: 'https://x.example'}", "pigeon"),
        ("{name: a, kind: slack, url: 'https://x.example', events: [test]}", "sent by hand only"),
        ("{name: a, kind: slack, url: 'https://x.example', colour: red}", "'destinations.0.colour' is not known"),
        ("{name: a, kind: webhook, url: 'https://x.example', secrets: [whsec_c2hvcnQ=]}", "less than 24 bytes"),
        ("{name: a, kind: webhook, url: 'https://x.example', secrets: [plain-text]}", "whsec_ and the key"),
        ("{name: a, kind: webhook, url: 'https://x.example', secrets: []}", "secrets"),
        ("{name: a, kind: jira, url: 'https://x.example', user: u, token: t}", "give issue"),
        ("{name: a, kind: jira, url: 'https://x.example', user: u, token: t, issue: '../x'}", "issue"),
        ("{name: a, kind: pagerduty, token: 't\\n', from: nobody}", "from"),
        ("{name: a, kind: slack, url: '${UNSET}'}", "no variable 'UNSET'"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_without_secrets(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(UsageError) as raised:
        open_destinations(_file(tmp_path, f"destinations:\n  - {line}\n"), {})

    assert told in str(raised.value)
    assert "line 2" in str(raised.value)
    assert "c2hvcnQ" not in str(raised.value)


def test_two_of_one_name_are_refused_and_http_may_be_allowed(tmp_path: Path) -> None:
    one = "{name: a, kind: slack, url: 'http://x.example/x', allow_http: true}"
    assert open_destinations(_file(tmp_path, f"destinations: [{one}]"), {})

    with pytest.raises(UsageError, match="'a' is there twice"):
        open_destinations(_file(tmp_path, f"destinations: [{one}, {one}]"), {})
