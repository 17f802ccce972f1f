"""GitLab as a source: the contract, issues as postmortems, the wiki, and what only members may read."""

from collections.abc import Iterator

import pytest

from ingest.errors import DocumentUnavailable, UsageError
from ingest.sources.gitlab import GitlabSource
from ingest.sources.source import Snapshot, SourceEntry
from tests.ingest.sources.issue_hosts import GitlabWorld, Issue, Note, gitlab_world
from tests.ingest.sources.remote_contract import RemoteContract
from tests.ingest.sources.rest_server import Reply, cut_off, serving


@pytest.fixture
def shop() -> Iterator[GitlabWorld]:
    with gitlab_world() as world:
        yield world


class TestGitlab(RemoteContract):
    @pytest.fixture
    def world(self, shop: GitlabWorld) -> GitlabWorld:
        return shop


def test_issues_of_any_of_the_labels_are_listed_once(shop: GitlabWorld) -> None:
    shop.put(Issue(6, "Both", labels=("incident", "postmortem")))
    shop.put(Issue(7, "Other", labels=("bug",)))

    found = shop.source(wiki=False).snapshot()

    assert [one.path for one in found.entries] == [f"issues/{number}.md" for number in range(1, 7)]
    assert entry(found, "issues/6.md").labels == ("incident", "postmortem")


def test_a_confidential_issue_is_for_members_only(shop: GitlabWorld) -> None:
    shop.issues[2].confidential = True

    found = shop.source().snapshot()

    assert entry(found, "issues/2.md").access == ("project-members",)
    assert entry(found, "issues/1.md").access == ()


def test_an_issue_that_becomes_confidential_changes_its_fingerprint(shop: GitlabWorld) -> None:
    before = entry(shop.source().snapshot(), "issues/1.md").fingerprint

    shop.issues[1].confidential = True

    assert entry(shop.source().snapshot(), "issues/1.md").fingerprint != before


def test_notes_of_the_system_and_internal_ones_are_left_out(shop: GitlabWorld) -> None:
    shop.issues[1].notes = [
        Note("closed", system=True),
        Note("Customer X was hit.", internal=True),
        *(Note(f"Note {number}.") for number in range(3)),
    ]

    text = shop.source().fetch("issues/1.md").decode()

    assert [f"Note {number}." in text for number in range(3)] == [True, True, True]
    assert "closed" not in text.split("---\n", 2)[2]
    assert "Customer X" not in text


def test_internal_notes_of_a_confidential_issue_are_kept(shop: GitlabWorld) -> None:
    shop.issues[1].confidential = True
    shop.issues[1].notes = [Note("Customer X was hit.", internal=True)]

    assert "Customer X" in shop.source().fetch("issues/1.md").decode()


def test_pages_of_the_wiki_keep_their_format_folder_and_link(shop: GitlabWorld) -> None:
    source = shop.source(issues=False)

    snapshot = source.snapshot()

    assert [one.path for one in snapshot.entries] == ["wiki/home.md", "wiki/run/disk-full.adoc"]
    page = snapshot.entries[1]
    assert page.ancestors == ("run",)
    assert page.url == f"{shop.server.url}/shop/web/-/wikis/run/disk-full"
    assert source.fetch(page.path) == b"= Disk full\n"


def test_a_page_of_the_wiki_that_changed_has_another_fingerprint(shop: GitlabWorld) -> None:
    before = entry(shop.source().snapshot(), "wiki/home.md").fingerprint

    shop.pages["home"] = ("# Home\n\nMore.\n", "markdown")

    assert entry(shop.source().snapshot(), "wiki/home.md").fingerprint != before


def test_a_page_of_the_wiki_that_changed_its_format_is_not_read_under_its_old_path(shop: GitlabWorld) -> None:
    shop.pages["home"] = ("= Home\n", "asciidoc")

    with pytest.raises(DocumentUnavailable, match="another name or format"):
        shop.source().fetch("wiki/home.md")


def test_a_wiki_that_is_switched_off_is_not_looked_for(shop: GitlabWorld) -> None:
    shop.wiki_level = "disabled"

    snapshot = shop.source().snapshot()

    assert snapshot.complete
    assert len(snapshot.entries) == 5
    assert shop.server.count("/wikis") == 0


def test_a_wiki_that_is_cut_off_leaves_the_issues_and_makes_the_snapshot_partial(shop: GitlabWorld) -> None:
    shop.server.fail("/wikis", cut_off)

    snapshot = shop.source().snapshot()

    assert not snapshot.complete
    assert snapshot.problems[0].startswith("wiki: ")
    assert len(snapshot.entries) == 5


def test_a_page_whose_name_is_no_path_is_an_entry_with_a_problem(shop: GitlabWorld) -> None:
    shop.pages["../../secret"] = ("x", "markdown")

    problems = {one.path: one.problem for one in shop.source().snapshot().entries if one.problem}

    assert list(problems.values()) == ["has a name that is no path; rename the page"]


def test_a_next_link_to_another_host_is_not_followed(shop: GitlabWorld) -> None:
    with serving(lambda asked: Reply.of([])) as other:
        shop.next_host = other.url.replace("127.0.0.1", "localhost")

        assert not shop.source().snapshot().complete
        assert other.asked == []


def test_a_project_without_a_name_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="is no project"):
        GitlabSource(name="shop", project="/")


def entry(snapshot: Snapshot, path: str) -> SourceEntry:
    (found,) = [one for one in snapshot.entries if one.path == path]
    return found
