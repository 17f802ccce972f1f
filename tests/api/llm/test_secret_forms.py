"""Which texts hold secrets, and which only look as if."""

import pytest

from api.llm.secret_forms import find_secrets

SECRETS = [
    ("key AKIAIOSFODNN7EXAMPLE in use", "AKIAIOSFODNN7EXAMPLE"),
    ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"),
    ("glpat-ABCdef123456ghijklmn", "glpat-ABCdef123456ghijklmn"),
    ("xoxb-123456789012-abcdefABCDEF", "xoxb-123456789012-abcdefABCDEF"),
    ("sk-ant-api03-abcdefghijklmnop", "sk-ant-api03-abcdefghijklmnop"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_DEF-123", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_DEF-123"),
    ("postgres://app:p4ss@db:5432/x", "app:p4ss"),
    ("redis://:p4ssw0rd@cache", ":p4ssw0rd"),
    ("curl -H 'Authorization: Bearer abc.def-123456'", "abc.def-123456"),
    ("Authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
    ("DB_PASSWORD=swordfish", "swordfish"),
    ("password: swordfish", "swordfish"),
    ('"client_secret": "Zx81-spectrum"', "Zx81-spectrum"),
    ("api_key = 'abc123def'", "abc123def"),
    ("the password is Tr0ub4dor.", "Tr0ub4dor"),
    ("mysql -pS3cret99 shop", "S3cret99"),
    ("d41d8cd98f00b204e9800998ecf8427e", "d41d8cd98f00b204e9800998ecf8427e"),
    ("value q7JzXw2VtR9bLk4NfYp0HsDm8Ua", "q7JzXw2VtR9bLk4NfYp0HsDm8Ua"),
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_a_secret_is_found_where_it_stands(text: str, secret: str) -> None:
    assert secret in {text[each.start : each.end] for each in find_secrets(text)}


def test_a_private_key_is_found_with_all_of_its_lines() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nAAAA\n-----END RSA PRIVATE KEY-----"

    assert key in {key[each.start : each.end] for each in find_secrets(f"{key}")}


def test_a_private_key_without_its_end_is_found_up_to_the_end_of_the_text() -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIEow\nAAAA"

    assert key in {key[each.start : each.end] for each in find_secrets(key)}


@pytest.mark.parametrize(
    "text",
    [
        "password: <your password>",
        "password: ${DB_PASSWORD}",
        "password: ⟦secret password⟧",
        "token: required",
        "The token expired yesterday, so rotate it.",
        "secretName: checkout-tls",
        "password_file: /etc/secrets/db",
        "token: Startup probes use another one",
        "tokens per second: 5000 tokens",
        "kubectl -n shop rollout restart deploy/checkout",
        "HighErrorRateOnCheckoutServiceInProduction",
        "https://grafana.example/d/abc/checkout-latency-overview",
        "container_memory_working_set_bytes",
        'sum(rate(http_requests_total{code=~"5.."}[5m])) by (service)',
        "2026-11-23T06:52:31.123456789Z",
        "/var/lib/kubelet/pods/volumes/kubernetes.io~secret/default",
        "image@sha256:d41d8cd98f00b204e9800998ecf8427ed41d8cd98f00b204e9800998ecf8427e",
        "123e4567-e89b-12d3-a456-426614174000",
    ],
)
def test_words_about_secrets_and_long_names_are_none(text: str) -> None:
    assert [text[each.start : each.end] for each in find_secrets(text)] == []
