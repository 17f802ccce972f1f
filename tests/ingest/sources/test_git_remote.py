"""Addresses of git repositories: the page of a file at known hosts, and whom a token is sent to."""

import base64

import pytest

from ingest.errors import UsageError
from ingest.sources.git_remote import link, link_template, remote_of, token_settings


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://github.com/acme/ops.git", "https://github.com/acme/ops/blob/c0ffee/a%20b/c%23.md"),
        ("git@github.com:acme/ops.git", "https://github.com/acme/ops/blob/c0ffee/a%20b/c%23.md"),
        ("ssh://git@gitlab.acme.io:2222/x/ops.git", "https://gitlab.acme.io/x/ops/-/blob/c0ffee/a%20b/c%23.md"),
        ("https://bitbucket.org/acme/ops", "https://bitbucket.org/acme/ops/src/c0ffee/a%20b/c%23.md"),
        ("https://codeberg.org/acme/ops/", "https://codeberg.org/acme/ops/src/commit/c0ffee/a%20b/c%23.md"),
        ("http://gitea.local:3000/a/ops.git", "http://gitea.local:3000/a/ops/src/commit/c0ffee/a%20b/c%23.md"),
    ],
)
def test_the_page_of_a_file_is_derived_at_known_hosts(url: str, page: str) -> None:
    template = link_template(url, None)

    assert template is not None
    assert link(template, "c0ffee", "a b/c#.md") == page


@pytest.mark.parametrize("url", ["https://git.acme.io/ops.git", "/srv/ops.git", "file:///srv/github/ops"])
def test_no_page_is_guessed_at_an_unknown_host(url: str) -> None:
    assert link_template(url, None) is None


def test_a_given_page_or_template_is_used_for_any_host() -> None:
    page = link_template("/srv/ops", "https://git.acme.io/ops/")
    template = link_template("/srv/ops", "https://git.acme.io/show?p={path}&v={commit}")

    assert link(page or "", "1a", "x.md") == "https://git.acme.io/ops/blob/1a/x.md"
    assert link(template or "", "1a", "{commit}.md") == "https://git.acme.io/show?p=%7Bcommit%7D.md&v=1a"


def test_a_token_is_sent_to_the_repositorys_host_only_and_follows_no_redirect() -> None:
    settings = dict(token_settings(remote_of("https://gitlab.acme.io/x/ops"), "abc"))

    sent = settings["http.https://gitlab.acme.io/.extraHeader"].removeprefix("Authorization: Basic ")
    assert base64.b64decode(sent) == b"oauth2:abc"
    assert settings["http.followRedirects"] == "false"


@pytest.mark.parametrize("url", ["http://git.acme.io/ops", "git@github.com:acme/ops.git", "/srv/ops"])
def test_a_token_that_would_be_useless_or_travel_unencrypted_is_refused(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        token_settings(remote_of(url), "abc-secret")

    assert "abc-secret" not in str(caught.value)
