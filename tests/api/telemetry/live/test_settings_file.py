"""The file of sources: each named, secrets from the environment, and what is wrong told by line and field."""

from pathlib import Path

import pytest

from api.errors import UsageError
from api.telemetry.live.opening import open_sources
from api.telemetry.live.settings_file import read_sources_file

WHOLE = """\
sources:
  - name: prom-eu
    kind: prometheus
    url: https://prometheus.eu.example
    auth:
      bearer: ${PROM_TOKEN}
      headers: {X-Scope-OrgID: "team-${TEAM}"}
    limits: {seconds: 10, at_once: 2}
    labels: [app, job]
    select: '{namespace="shop"}'
  - name: prom-us
    kind: prometheus
    url: http://prometheus.us.example:9090
    auth: {basic: {user: me, password: "${PASSWORD}"}}
"""
ENVIRONMENT = {"PROM_TOKEN": "tell-nobody", "TEAM": "7", "PASSWORD": "neither"}


def _file(folder: Path, text: str | bytes) -> Path:
    file = folder / "telemetry.yaml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def test_several_sources_of_one_kind_each_have_a_name_and_their_own_credentials(tmp_path: Path) -> None:
    found = read_sources_file(_file(tmp_path, WHOLE), ENVIRONMENT).sources

    eu, us = (one.connection() for one in found)
    assert [one.name for one in found] == ["prom-eu", "prom-us"]
    assert dict(eu.headers) == {"X-Scope-OrgID": "team-7", "Authorization": "Bearer tell-nobody"}
    assert us.basic == ("me", "neither")
    assert found[0].limits.limits().seconds == 10
    assert found[1].labels[0] == "service_name"
    assert "tell-nobody" not in repr(found)


def test_each_source_is_opened_with_the_adapter_of_its_kind(tmp_path: Path) -> None:
    found = open_sources(_file(tmp_path, WHOLE), ENVIRONMENT)

    assert [(one.name, one.kind) for one in found] == [("prom-eu", "prometheus"), ("prom-us", "prometheus")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (WHOLE.replace("select:", "selct:"), r"line 10: 'sources\.0\.selct' is not known"),
        (WHOLE.replace("seconds: 10", "seconds: -1"), r"line 8: 'sources\.0\.limits\.seconds' input should be greater"),
        (WHOLE.replace("${TEAM}", "${GONE}"), r"line 7: the environment has no variable 'GONE'"),
        (WHOLE.replace("prom-us", "prom-eu"), r"the name 'prom-eu' stands twice"),
        (WHOLE.replace("kind: prometheus", "kind: promtheus", 1), r"line 2: 'sources\.0' .*promtheus"),
        (WHOLE.replace("https://prom", "https://me:tell-nobody@prom"), r"line 4: 'sources\.0\.url' .*no user"),
        (WHOLE.replace("https://prometheus.eu.example", "ftp://x"), r"line 4: 'sources\.0\.url'"),
        ("sources:\n  - {name: a, kind: prometheus}\n", r"line 2: 'sources\.0\.url' is missing"),
        ("sources: [\n", r"line 2: .*check the indentation"),
        ("a: &a [1]\nb: *a\n", "line 2: aliases"),
        ("", "the file input should be"),
        ("[" * 5_000, "check"),
        (b"\xff\xfe\x00", "no text in UTF-8"),
        (b"a: \x00", "no YAML that can be read"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_field_and_never_a_secret(
    tmp_path: Path, text: str | bytes, told: str
) -> None:
    with pytest.raises(UsageError, match=told) as raised:
        read_sources_file(_file(tmp_path, text), ENVIRONMENT)

    assert "tell-nobody" not in str(raised.value)
    assert "telemetry.yaml" in str(raised.value)


def test_a_secret_that_can_be_no_header_is_refused_without_showing_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="bearer holds a sign") as raised:
        read_sources_file(_file(tmp_path, WHOLE), {**ENVIRONMENT, "PROM_TOKEN": "tell-nobody\n"})

    assert "tell-nobody" not in str(raised.value)


def test_a_file_that_is_not_there_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="correct GROUNDWATCH_TELEMETRY_FILE"):
        read_sources_file(tmp_path / "gone.yaml", {})
