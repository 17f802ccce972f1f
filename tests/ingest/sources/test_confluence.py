"""Confluence as a source: the contract, what its listing says of a page, and what its API does to a reader."""

import base64
from collections.abc import Iterator

import pytest

from ingest.errors import DocumentUnavailable, UsageError
from ingest.sources.confluence import ConfluenceSource
from ingest.sources.source import Snapshot, Source, SourceEntry
from tests.ingest.sources.confluence_server import ConfluenceWorld, WikiPage, confluence_world
from tests.ingest.sources.remote_contract import RemoteContract
from tests.ingest.sources.rest_server import Reply, serving


@pytest.fixture
def wiki() -> Iterator[ConfluenceWorld]:
    with confluence_world() as world:
        yield world


class TestConfluence(RemoteContract):
    @pytest.fixture
    def world(self, wiki: ConfluenceWorld) -> ConfluenceWorld:
        return wiki


def test_a_page_carries_its_title_ancestors_labels_date_and_link(wiki: ConfluenceWorld) -> None:
    page = entry(wiki.source().snapshot(), "OPS/102.html")

    assert (page.title, page.ancestors, page.labels) == ("Disk full", ("Operations", "Runbooks"), ("disk", "runbook"))
    assert page.updated_at is not None
    assert page.updated_at.isoformat() == "2026-03-02T10:00:00+00:00"
    assert page.url == f"{wiki.server.url}/confluence/display/OPS/102"
    assert page.access == ()


def test_attachments_of_known_formats_stand_below_their_page(wiki: ConfluenceWorld) -> None:
    source = wiki.source()

    files = [one for one in source.snapshot().entries if "/attachments/" in one.path]

    assert [one.path.removeprefix("OPS/101/attachments/") for one in files] == ["notes.md", "plan.txt", "sizes.csv"]
    assert files[0].ancestors == ("Operations", "Runbooks")
    assert source.fetch(files[0].path) == b"# Notes\n"


def test_attachments_are_left_out_where_they_are_not_wanted(wiki: ConfluenceWorld) -> None:
    assert not [one for one in wiki.source(attachments=False).snapshot().entries if "attachments" in one.path]


def test_a_drawing_without_extension_is_listed_and_fetched_as_drawio(wiki: ConfluenceWorld) -> None:
    wiki.put(WikiPage("105", "Plan", files={"Shop": b"<mxfile/>"}, media_type="application/vnd.jgraph.mxfile"))
    source = wiki.source()

    assert entry(source.snapshot(), "OPS/105/attachments/Shop.drawio").title == "Shop"
    assert source.fetch("OPS/105/attachments/Shop.drawio") == b"<mxfile/>"


def test_an_attachment_may_lie_on_another_host_which_gets_no_token(wiki: ConfluenceWorld) -> None:
    with serving(lambda asked: Reply(b"from the media store")) as media:
        place = media.url.replace("127.0.0.1", "localhost") + "/file?sig=1"
        wiki.server.fail("/download/", Reply(status=302, headers=(("Location", place),)))

        assert wiki.source().fetch("OPS/101/attachments/plan.txt") == b"from the media store"
        assert "authorization" not in media.asked[0].headers


def test_archived_and_trashed_pages_are_left_out(wiki: ConfluenceWorld) -> None:
    source = wiki.source()
    wiki.pages["102"].status = "trashed"

    assert "OPS/102.html" not in paths(source)
    with pytest.raises(DocumentUnavailable, match="trashed by now"):
        source.fetch("OPS/102.html")


def test_labels_select_pages(wiki: ConfluenceWorld) -> None:
    assert [path for path in paths(wiki.source(labels=("runbook", "x"))) if path.endswith(".html")] == [
        "OPS/101.html",
        "OPS/102.html",
    ]


def test_without_spaces_all_are_read(wiki: ConfluenceWorld) -> None:
    wiki.put(WikiPage("300", "Elsewhere", space="DEV"))

    assert "DEV/300.html" in paths(wiki.source(spaces=()))
    assert "DEV/300.html" not in paths(wiki.source())


def test_a_page_that_moved_to_another_space_is_not_read_under_its_old_path(wiki: ConfluenceWorld) -> None:
    source = wiki.source()
    wiki.pages["102"].space = "DEV"

    with pytest.raises(DocumentUnavailable, match="moved to another space"):
        source.fetch("OPS/102.html")


def test_restrictions_become_labels_of_access_and_hold_for_pages_and_files_below(wiki: ConfluenceWorld) -> None:
    wiki.pages["101"].groups, wiki.pages["101"].users = ("sre",), ("anna",)

    snapshot = wiki.source().snapshot()

    for path in ("OPS/101.html", "OPS/102.html", "OPS/101/attachments/plan.txt"):
        assert entry(snapshot, path).access == ("group:sre", "user:anna")
    assert entry(snapshot, "OPS/104.html").access == ()


def test_of_two_restrictions_above_each_other_both_must_let_a_reader_through(wiki: ConfluenceWorld) -> None:
    wiki.pages["101"].groups, wiki.pages["102"].groups = ("sre", "dev"), ("sre", "boss")
    shared = entry(wiki.source().snapshot(), "OPS/102.html").access
    wiki.pages["102"].groups = ("boss",)

    disjoint = entry(wiki.source().snapshot(), "OPS/102.html").access

    assert shared == ("group:sre",)
    assert disjoint == ("group:dev+group:boss", "group:sre+group:boss")


def test_a_restriction_counts_where_the_restricted_page_itself_is_not_listed(wiki: ConfluenceWorld) -> None:
    wiki.pages["101"].groups, wiki.pages["101"].labels = ("sre",), ()

    assert entry(wiki.source(labels=("disk",)).snapshot(), "OPS/102.html").access == ("group:sre",)


def test_where_nobody_says_who_may_read_a_page_above_nobody_may(wiki: ConfluenceWorld) -> None:
    wiki.pages["101"].labels = ()
    wiki.server.fail("content/101/restriction", Reply(status=404))

    assert entry(wiki.source(labels=("disk",)).snapshot(), "OPS/102.html").access == ("restricted:101",)


def test_a_new_restriction_label_title_or_place_changes_the_fingerprint(wiki: ConfluenceWorld) -> None:
    marks = {entry(wiki.source().snapshot(), "OPS/102.html").fingerprint}
    page = wiki.pages["102"]

    for field, value in (("groups", ("sre",)), ("labels", ("new",)), ("title", "Disk is full"), ("parent", "103")):
        setattr(page, field, value)
        marks.add(entry(wiki.source().snapshot(), "OPS/102.html").fingerprint)

    assert len(marks) == 5


def test_cloud_without_the_list_of_contents_is_read_by_search(wiki: ConfluenceWorld) -> None:
    whole = paths(wiki.source())
    wiki.has_content_list = False

    assert paths(wiki.source()) == whole


def test_a_user_makes_it_basic_authentication(wiki: ConfluenceWorld) -> None:
    wiki.accepted = "Basic " + base64.b64encode(f"me@shop.example:{wiki.secret}".encode()).decode()

    source = wiki.source(user="me@shop.example")

    assert source.snapshot().complete
    assert wiki.secret not in repr(source)


def test_a_next_link_to_another_host_is_not_followed(wiki: ConfluenceWorld) -> None:
    with serving(lambda asked: Reply.of({"results": []})) as other:
        wiki.next_host = other.url.replace("127.0.0.1", "localhost")

        snapshot = wiki.source().snapshot()

        assert not snapshot.complete
        assert "the token is not sent" in snapshot.problems[0]
        assert other.asked == []


def test_next_links_in_a_circle_end(wiki: ConfluenceWorld) -> None:
    circle = {"results": [], "_links": {"next": "/rest/api/content?start=2"}}
    wiki.server.fail("start=2", Reply.of(circle))

    snapshot = wiki.source().snapshot()

    assert not snapshot.complete
    assert "leads in a circle" in snapshot.problems[0]


def test_a_space_that_is_refused_leaves_the_others_listed_and_the_snapshot_partial(wiki: ConfluenceWorld) -> None:
    wiki.server.fail("spaceKey=SEC", Reply(status=403))

    snapshot = wiki.source(spaces=("SEC", "OPS")).snapshot()

    assert not snapshot.complete
    assert snapshot.problems[0].startswith("space 'SEC': ")
    assert entry(snapshot, "OPS/102.html").title == "Disk full"


def test_a_sign_in_page_is_told_from_broken_json(wiki: ConfluenceWorld) -> None:
    wiki.server.fail("", Reply(b"<html>Sign in</html>", headers=(("content-type", "text/html"),)))

    assert "a web page, not with JSON" in wiki.source().snapshot().problems[0]


def test_a_page_is_fetched_as_html_with_its_title(wiki: ConfluenceWorld) -> None:
    wiki.pages["102"].text = "<p>Free&nbsp;space.</p>"

    page = wiki.source().fetch("OPS/102.html").decode()

    assert "<title>Disk full</title>" in page
    assert "<p>Free\u00a0space.</p>" in page


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://shop.atlassian.net", "https://shop.atlassian.net/wiki (all spaces)"),
        ("https://shop.atlassian.net/wiki/", "https://shop.atlassian.net/wiki (all spaces)"),
        ("https://wiki.shop.example/confluence", "https://wiki.shop.example/confluence (all spaces)"),
    ],
)
def test_the_address_of_cloud_may_leave_its_path_out(url: str, place: str) -> None:
    assert ConfluenceSource(name="wiki", url=url).location == place


def test_a_token_is_not_sent_unencrypted_and_not_written_into_the_url() -> None:
    with pytest.raises(UsageError, match="use https"):
        ConfluenceSource(name="wiki", url="http://wiki.shop.example", token="secret")
    with pytest.raises(UsageError, match="carries a password") as caught:
        ConfluenceSource(name="wiki", url="https://me:hunter2@wiki.shop.example")
    assert "hunter2" not in str(caught.value)


def entry(snapshot: Snapshot, path: str) -> SourceEntry:
    (found,) = [one for one in snapshot.entries if one.path == path]
    return found


def paths(source: Source) -> list[str]:
    return [one.path for one in source.snapshot().entries]
