"""GitHub as a source: the contract, issues as postmortems, and the wiki as a git repository."""

import pickle
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.errors import DocumentUnavailable, SourceUnreadable, UsageError
from ingest.sources.github import GithubSource
from ingest.sources.source import Source
from tests.ingest.sources.issue_hosts import GithubWorld, Issue, Note, github_world
from tests.ingest.sources.remote_contract import RemoteContract
from tests.ingest.sources.rest_server import Reply, serving


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[GithubWorld]:
    with github_world(tmp_path / "cache") as world:
        yield world


class TestGithub(RemoteContract):
    @pytest.fixture
    def world(self, shop: GithubWorld) -> GithubWorld:
        return shop


def test_issues_of_any_of_the_labels_are_listed_once_and_pull_requests_never(shop: GithubWorld) -> None:
    shop.put(Issue(6, "Both", labels=("incident", "postmortem")))
    shop.put(Issue(7, "Other", labels=("bug",)))
    shop.put(Issue(8, "Change", pull_request=True))

    assert paths(shop.source()) == [f"issues/{number}.md" for number in range(1, 7)]


def test_a_pull_request_is_not_fetched_as_an_issue(shop: GithubWorld) -> None:
    shop.put(Issue(8, "Change", pull_request=True))

    with pytest.raises(DocumentUnavailable, match="is a pull request"):
        shop.source().fetch("issues/8.md")


def test_an_entry_carries_title_labels_date_and_link(shop: GithubWorld) -> None:
    entry = shop.source().snapshot().entries[0]

    assert (entry.title, entry.labels) == ("Checkout was down", ("postmortem",))
    assert entry.updated_at is not None
    assert entry.updated_at.isoformat() == "2026-03-04T12:00:00+00:00"
    assert entry.url == "https://github.com/shop/web/issues/1"


def test_comments_are_read_to_their_last_page(shop: GithubWorld) -> None:
    shop.issues[1].notes = [Note(f"Comment number {number}.") for number in range(5)]

    text = shop.source().fetch("issues/1.md").decode()

    assert text.count("## Comment by ben at 2026-03-03T09:30:00Z") == 5
    assert "Comment number 4." in text


def test_comments_of_which_half_came_are_no_document(shop: GithubWorld) -> None:
    shop.issues[1].notes = [Note("x") for _ in range(5)]
    shop.server.fail("/comments.*page=2", lambda reply: Reply(reply.body, cut=3))

    with pytest.raises(DocumentUnavailable, match="cut off"):
        shop.source().fetch("issues/1.md")


def test_a_new_comment_changes_the_fingerprint(shop: GithubWorld) -> None:
    before = shop.source().snapshot().entries[0].fingerprint

    shop.issues[1].notes.append(Note("One more."))

    assert shop.source().snapshot().entries[0].fingerprint != before


def test_a_next_link_to_another_host_is_not_followed(shop: GithubWorld) -> None:
    with serving(lambda asked: Reply.of([])) as other:
        shop.next_host = other.url.replace("127.0.0.1", "localhost")

        assert not shop.source().snapshot().complete
        assert other.asked == []


def test_the_rate_limit_that_github_states_with_http_403_is_no_refusal(shop: GithubWorld) -> None:
    limited = Reply(status=403, headers=(("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1000000000")))
    shop.server.fail(shop.first_page, limited, times=1)

    assert shop.source().snapshot().complete
    assert len(shop.pauses) == 1


def test_a_repository_that_was_renamed_is_followed_on_the_same_host(shop: GithubWorld) -> None:
    moved = Reply(status=301, headers=(("Location", "/repos/shop/web"),))
    shop.server.fail("/repos/shop/old", moved)
    source = GithubSource(
        name="shop", repository="shop/old", token=shop.secret, url=shop.server.url, cache_dir=shop.cache, issues=False,
        wiki=False, sleep=shop.pauses.append,
    )  # fmt: skip

    assert source.snapshot().complete


def test_a_repository_that_is_not_there_is_an_unreadable_source(shop: GithubWorld) -> None:
    shop.server.fail("/repos/shop/web", Reply(status=404))

    with pytest.raises(SourceUnreadable, match="not there, or not for this token"):
        shop.source().snapshot()


def test_pages_of_the_wiki_stand_beside_the_issues(shop: GithubWorld, tmp_path: Path) -> None:
    shop.wiki = wiki_repository(tmp_path, {"Home.md": "# Home\n", "Disk-full.md": "# Disk full\n"})
    source = shop.source(issues=False)

    snapshot = source.snapshot()

    assert [entry.path for entry in snapshot.entries] == ["wiki/Disk-full.md", "wiki/Home.md"]
    assert snapshot.complete
    assert snapshot.revision
    assert (snapshot.entries[0].url or "").endswith("/shop/web/wiki/Disk-full")
    assert source.fetch("wiki/Home.md") == b"# Home\n"


def test_a_copy_of_the_source_reads_the_wiki_as_it_was_listed(shop: GithubWorld, tmp_path: Path) -> None:
    shop.wiki = wiki_repository(tmp_path, {"Home.md": "# Home\n"})
    source = shop.source()
    source.snapshot()

    copy: Source = pickle.loads(pickle.dumps(source))

    assert copy.fetch("wiki/Home.md") == b"# Home\n"


def test_a_repository_without_a_wiki_has_none(shop: GithubWorld) -> None:
    snapshot = shop.source().snapshot()

    assert snapshot.complete
    assert len(snapshot.entries) == 5


def test_a_wiki_that_was_there_and_cannot_be_found_makes_the_snapshot_partial(
    shop: GithubWorld, tmp_path: Path
) -> None:
    shop.wiki = wiki_repository(tmp_path, {"Home.md": "# Home\n"})
    shop.source().snapshot()
    shop.wiki.rename(tmp_path / "moved")

    snapshot = shop.source().snapshot()

    assert not snapshot.complete
    assert snapshot.problems[0].startswith("wiki: ")


def test_a_wiki_that_is_switched_off_is_not_looked_for(shop: GithubWorld, tmp_path: Path) -> None:
    shop.wiki = wiki_repository(tmp_path, {"Home.md": "# Home\n"})
    shop.has_wiki = False

    assert "wiki/Home.md" not in paths(shop.source())


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://api.github.com", "https://github.com/shop/web"),
        ("https://code.shop.example/api/v3", "https://code.shop.example/shop/web"),
        ("https://api.shop.ghe.com", "https://shop.ghe.com/shop/web"),
    ],
)
def test_the_site_follows_from_the_address_of_the_api(url: str, place: str, tmp_path: Path) -> None:
    assert GithubSource(name="shop", repository="shop/web", url=url, cache_dir=tmp_path).location == place


def test_a_repository_that_is_no_name_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no repository of GitHub"):
        GithubSource(name="shop", repository="shop/web/../x", cache_dir=tmp_path)


def wiki_repository(folder: Path, files: dict[str, str]) -> Path:
    """Return a bare repository with one commit that holds `files`."""
    work, bare = folder / "work", folder / "web.wiki.git"
    work.mkdir()
    for name, text in files.items():
        (work / name).write_text(text)
    git = ["git", "-c", "user.name=Anna", "-c", "user.email=anna@shop.example", "-C", str(work)]
    for command in (["init", "-q", "-b", "master"], ["add", "-A"], ["commit", "-q", "-m", "Pages"]):
        subprocess.run([*git, *command], check=True)
    subprocess.run(["git", "clone", "-q", "--bare", str(work), str(bare)], check=True)
    return bare


def paths(source: Source) -> list[str]:
    return [entry.path for entry in source.snapshot().entries]
