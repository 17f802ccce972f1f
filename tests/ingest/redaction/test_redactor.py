"""Secrets leave a text, everything else stays."""

import json
import pickle
import time
from random import Random

import pytest
import yaml

from evals.secret_documents import texts_of_lines
from evals.secret_kinds import KINDS, SecretKind, needles
from ingest.errors import UsageError
from ingest.redaction.candidates import candidate_lines
from ingest.redaction.marks import MARK
from ingest.redaction.redactor import Redactor, find_in_line, redact_message

LINES = [
    pytest.param(kind, value, text, id=f"{kind.name}-{n}") for n, (kind, value, text) in enumerate(texts_of_lines())
]

HARMLESS = (
    "password: <password>",
    "password: $PASSWORD",
    "password: ${DB_PASSWORD:-none}",
    'password: "{{ .Values.db.password }}"',
    "password: xxxxxxxx",
    "password: ********",
    "password: changeme",
    'password: "example"',
    "token: YOUR_TOKEN",
    "api_key: your-api-key-here",
    "api_key: <redacted>",
    "aws_access_key_id = AKIAIOSFODNN7EXAMPLE",
    'password = get_secret("orders/db")',
    "password = os.environ['DB_PASSWORD']",
    "password_file: /run/secrets/db_password",
    "secretName: orders-db-credentials",
    "secretKeyRef: {name: orders-db, key: password}",
    "The password is stored in Vault under secret/orders/db.",
    "The password must be rotated every 90 days.",
    "| password | required | string |",
    "commit 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12 fixed it",
    "image: registry.example/app@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "id: 3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    'resourceVersion: "1234567890"',
    "https://github.com/org/repo/blob/2fd4e1c67a2d28fced849ee1bb76e7391b93eb12/docs/a.md",
    "https://docs.example.org/a?page=2&token=abc",
    'sum(rate(http_requests_total{job="api", token=~".+"}[5m])) by (le)',
    "kube_persistentvolumeclaim_resource_requests_storage_bytes_total_by_namespace_and_pod_2",
    "KubePersistentVolumeFillingUpWithinTheNextFourDaysOnNode2",
    "http://localhost:8080/metrics",
    "git@github.com:org/repo.git",
    "user@host:5432:x",
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDh2m user@host",
    "integrity sha512-9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "tokens: 4096",
    "continuationToken: 0a1b9d05d7162aa85d7747eaa75f171c",
    "curl -H 'Authorization: Bearer $TOKEN' https://api.example.org",
    "kubectl get secret orders -o jsonpath='{.data.password}'",
    "mysql -u root -p orders",
    "--password-file=/etc/creds",
    "docker login -u ci --password-stdin registry.example",
    "pass the `CronJobControllerV2` flag",
    "postgres://user:password@host/db",
    "postgres://user:$PASSWORD@host/db",
    "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN CERTIFICATE-----\n"
    "MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ\n-----END CERTIFICATE-----",
)


@pytest.mark.parametrize(("kind", "value", "text"), LINES)
def test_a_secret_leaves_a_mark_in_its_place(kind: SecretKind, value: str, text: str) -> None:
    redacted = Redactor().redact(f"# Title\n\n{text}\n\nLast line.\n")

    assert [needle for needle in needles(value) if needle in redacted.text] == []
    assert MARK.search(redacted.text)
    assert redacted.marks
    assert redacted.text.count("\n") == text.count("\n") + 5


@pytest.mark.parametrize(("kind", "value", "text"), LINES)
def test_a_mark_is_no_secret_itself(kind: SecretKind, value: str, text: str) -> None:
    once = Redactor().redact(text).text

    assert Redactor().redact(once) == type(Redactor().redact(once))(once, ())


@pytest.mark.parametrize(("kind", "value", "text"), LINES)
def test_the_cheap_look_passes_on_every_line_that_a_detector_marks(kind: SecretKind, value: str, text: str) -> None:
    lines = text.split("\n")
    candidates = {text[start:end] for start, end in candidate_lines(text)}

    assert {line for line in lines if any(find_in_line(line))} <= candidates


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_like_a_secret_stays(text: str) -> None:
    assert Redactor().redact(text).text == text


def test_the_corpus_of_kinds_is_as_wide_as_promised() -> None:
    assert len(KINDS) >= 40


def test_a_mark_names_its_kind_and_its_line() -> None:
    token = KINDS[0].make(Random(3))

    redacted = Redactor().redact(f"one\ntwo {token}\n")

    assert redacted.text == "one\ntwo ⟦secret github-token⟧\n"
    assert [(mark.kind, mark.line) for mark in redacted.marks] == [("github-token", 2)]


def test_each_line_of_a_private_key_becomes_a_mark_and_the_key_counts_once() -> None:
    key = next(kind for kind in KINDS if kind.name == "tls private key").make(Random(1))
    text = "before\n" + "\n".join(f"    {line}" for line in key.split("\n")) + "\nafter"

    redacted = Redactor().redact(text)

    assert redacted.text.split("\n") == ["before", *["    ⟦secret private-key⟧"] * 8, "after"]
    assert len(redacted.marks) == 1


def test_a_key_that_was_cut_off_takes_no_prose_with_it() -> None:
    key = next(kind for kind in KINDS if kind.name == "rsa private key").make(Random(1))
    text = key.rpartition("\n")[0] + "\n\n## Afterwards\n\nRestart the pod.\n"

    assert Redactor().redact(text).text.endswith("⟦secret private-key⟧\n\n## Afterwards\n\nRestart the pod.\n")


def test_a_value_that_is_secret_in_one_place_is_one_everywhere() -> None:
    value = next(kind for kind in KINDS if kind.name == "password").make(Random(5))

    redacted = Redactor().redact(f"Say {value} to the guard.\n\npassword: {value}\n")

    assert value not in redacted.text
    assert len(redacted.marks) == 2


def test_yaml_stays_yaml_and_json_stays_json() -> None:
    value = next(kind for kind in KINDS if kind.name == "password").make(Random(5))

    as_yaml = Redactor().redact(f'db:\n  password: {value}\n  other: {{secret_key: "{value}", b: 1}}\n').text
    as_json = Redactor().redact(json.dumps({"password": value, "nested": {"db_password": 12345678}}, indent=1)).text

    assert yaml.safe_load(as_yaml)["db"]["password"] == "⟦secret password⟧"
    assert json.loads(as_json) == {"password": "⟦secret password⟧", "nested": {"db_password": "⟦secret password⟧"}}


def test_a_column_of_passwords_is_emptied() -> None:
    value = next(kind for kind in KINDS if kind.name == "password").make(Random(8))

    redacted = Redactor().redact(f"| user | password |\n|---|---|\n| anna | {value} |\n| bert | ask Anna |\n")

    assert redacted.text.endswith("| anna | ⟦secret table-cell⟧ |\n| bert | ask Anna |\n")


def test_what_a_person_allows_stays() -> None:
    value = next(kind for kind in KINDS if kind.name == "weak password").make(Random(8))

    assert Redactor(allow=["^" + value]).redact(f"password: {value}").text == f"password: {value}"


def test_an_expression_that_is_none_is_named() -> None:
    with pytest.raises(UsageError, match=r"'\(' is no regular expression .*; correct it"):
        Redactor(allow=["("])


def test_a_redactor_travels_to_another_process() -> None:
    copy = pickle.loads(pickle.dumps(Redactor(allow=["abc"])))

    assert copy.redact("password: abcdef9").text == "password: abcdef9"
    assert copy.redact("password: xbzdef9").text == "password: ⟦secret password⟧"


@pytest.mark.parametrize(
    ("message", "clean"),
    [
        (
            "cannot clone https://ci:{}@git.example/repo.git",
            "cannot clone https://⟦secret credentials⟧@git.example/repo.git",
        ),
        (
            "cannot clone https://{}@git.example/repo.git",
            "cannot clone https://⟦secret credentials⟧@git.example/repo.git",
        ),
        (
            "GET https://wiki.example/a?access_token={}&b=1",
            "GET https://wiki.example/a?access_token=⟦secret url-token⟧&b=1",
        ),
        ("https://wiki.example/a?page=2", "https://wiki.example/a?page=2"),
        ("password: {} is wrong", "password: ⟦secret password⟧ is wrong"),
        ("cannot read 'a/b.md': No such file", "cannot read 'a/b.md': No such file"),
    ],
)
def test_a_message_for_a_log_keeps_no_credentials(message: str, clean: str) -> None:
    value = next(kind for kind in KINDS if kind.name == "weak password").make(Random(8))

    assert redact_message(message.format(value)) == clean


@pytest.mark.parametrize(
    "text",
    [
        "a" * 500_000,
        "password: " * 30_000,
        "password=" + "a1B2" * 100_000,
        'password="' * 30_000,
        "://a:" * 50_000,
        "eyAbc-" * 50_000,
        "<a" * 100_000,
        "-----BEGIN PRIVATE KEY-----\n" * 10_000,
        "|---|---|\n" * 20_000,
        "kind: Secret\ndata:\n" * 5_000,
        " " * 200_000 + "|",
        "curl -u a:" * 20_000,
        "\\n" * 100_000,
        "x.y/" * 50_000 + "password: " + "a.b/" * 50_000,
        "name: password\n" * 15_000,
        "{{ token }}" * 20_000,
    ],
    ids=range(16),
)
def test_no_text_holds_the_redactor_up(text: str) -> None:
    assert _seconds(text) < 10


def test_a_line_of_five_megabytes_takes_seconds() -> None:
    small, large = _seconds("a1b2" * 12_500), _seconds("a1b2" * 125_000)

    # Ten times the text takes ten times as long, so that five megabytes take a hundred times the smaller one.
    assert large < 20 * max(small, 0.02)
    assert 10 * large < 60


def _seconds(text: str) -> float:
    started = time.process_time()
    Redactor().redact(text)
    return time.process_time() - started
