"""A web site as a source: what is crawled, what an unchanged site costs, and what a failing one must not remove."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.errors import UsageError
from ingest.sources.web import WebSource
from tests.ingest.sources.contract import SourceContract, World
from tests.ingest.sources.web_site import (
    TEXT,
    FakeSite,
    Reply,
    fake_site,
    listed,
    make,
    page,
    sitemap,
    sitemap_index,
    zipped,
)


class CrawledWorld:
    """A site whose start page links to all others."""

    secret = ""

    def __init__(self, site: FakeSite, folder: Path) -> None:
        self.site = site
        self.folder = folder
        self.names = ["alerts/disk", "alerts/net", "zoo"]
        for name in self.names:
            site.replies[f"/{name}"] = page(f"{name} {TEXT}")
        self.link()

    def link(self) -> None:
        links = tuple(f"/{name}" for name in self.names)
        self.site.replies["/"] = page(f"welcome {TEXT}", links=links)

    def source(self) -> WebSource:
        return make(self.site, self.folder, start=[f"{self.site.url}/"])

    def add(self) -> None:
        self.names.append("middle")
        self.site.replies["/middle"] = page(f"middle {TEXT}")
        self.link()

    def change(self, path: str) -> None:
        self.site.replies["/" + path.removesuffix(".html")] = page(f"changed {TEXT}")

    def remove(self, path: str) -> None:
        del self.site.replies["/" + path.removesuffix(".html")]


@pytest.fixture
def site() -> Iterator[FakeSite]:
    with fake_site() as running:
        yield running


class TestCrawledSite(SourceContract):
    @pytest.fixture
    def world(self, site: FakeSite, tmp_path: Path) -> World:
        return CrawledWorld(site, tmp_path)


def test_pages_are_found_through_links_on_the_same_host_only(site: FakeSite, tmp_path: Path) -> None:
    links = ("/a", "b/?utm_source=x#part", "https://example.org/x", "//example.org/y", "mailto:a@b.c", "/logo.png")
    site.replies |= {"/": page(TEXT, links=links), "/a": page(f"a {TEXT}", title="A"), "/b/": page(f"b {TEXT}")}

    found = listed(make(site, tmp_path))

    assert list(found) == ["a.html", "b.html", "index.html"]
    assert (found["a.html"].url, found["a.html"].title) == (f"{site.url}/a", "A")
    assert site.paths() == ["/", "/a", "/b/"]


def test_a_fetched_page_is_its_main_content(site: FakeSite, tmp_path: Path) -> None:
    site.replies["/"] = page(TEXT, title="Disk full", footer="built today")
    source = make(site, tmp_path)
    source.snapshot()

    html = source.fetch("index.html").decode()

    assert "<title>Disk full</title>" in html
    assert "<pre><code>systemctl restart when </code></pre>" in html
    assert "menu" not in html
    assert "built today" not in html


def test_a_sitemap_lists_the_pages_with_their_dates_through_index_files(site: FakeSite, tmp_path: Path) -> None:
    url = site.url
    site.replies |= {
        "/sitemap.xml": sitemap_index(f"{url}/one.xml", f"{url}/two.xml.gz", "https://example.org/foreign.xml"),
        "/one.xml": sitemap(f"{url}/a", "https://example.org/foreign", lastmod="2026-01-02"),
        "/two.xml.gz": zipped(sitemap(f"{url}/b", lastmod="2026-01-02T03:04:05+01:00")),
        "/a": page(f"a {TEXT}", links=("/not-in-the-sitemap",)),
        "/b": page(f"b {TEXT}"),
    }

    found = listed(make(site, tmp_path, sitemap=f"{url}/sitemap.xml"))

    assert list(found) == ["a.html", "b.html"]
    assert found["a.html"].updated_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert found["b.html"].updated_at == datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)


def test_an_unchanged_site_answers_each_page_with_304(site: FakeSite, tmp_path: Path) -> None:
    site.replies |= {"/": page(TEXT, links=("/a",)), "/a": page(f"a {TEXT}")}
    before = make(site, tmp_path).snapshot()
    site.asked.clear()

    again = make(site, tmp_path).snapshot()

    assert again == before
    assert [status for path, status in site.asked if path != "/robots.txt"] == [304, 304]


def test_a_changing_footer_or_menu_does_not_change_the_fingerprint(site: FakeSite, tmp_path: Path) -> None:
    site.replies["/"] = page(TEXT, footer="page 1 of 2, built at 10:00", links=("#top",))
    before = listed(make(site, tmp_path))
    site.replies["/"] = page(TEXT, footer="built at 11:00", links=("#top", "/gone"))

    after = listed(make(site, tmp_path))

    assert after["index.html"].fingerprint == before["index.html"].fingerprint


def test_a_change_of_one_blank_in_a_command_changes_the_fingerprint(site: FakeSite, tmp_path: Path) -> None:
    site.replies["/"] = page(TEXT)
    before = listed(make(site, tmp_path))
    site.replies["/"] = Reply(page(TEXT).body.replace(b"systemctl restart", b"systemctl  restart"))

    assert listed(make(site, tmp_path))["index.html"].fingerprint != before["index.html"].fingerprint


def test_fetch_serves_what_the_snapshot_saw_though_the_site_changed_since(site: FakeSite, tmp_path: Path) -> None:
    site.replies["/"] = page(f"first {TEXT}")
    source = make(site, tmp_path)
    source.snapshot()

    site.replies["/"] = page(f"second {TEXT}")
    other = make(site, tmp_path)
    other.snapshot()

    assert b"first" in source.fetch("index.html")
    assert b"second" in other.fetch("index.html")


def test_pages_that_robots_txt_refuses_are_neither_asked_for_nor_listed(site: FakeSite, tmp_path: Path) -> None:
    site.replies |= {
        "/robots.txt": Reply(b"User-agent: *\nDisallow: /private\nAllow: /\n", content_type="text/plain"),
        "/": page(TEXT, links=("/private/x", "/a")),
        "/a": page(f"a {TEXT}"),
        "/private/x": page("secret"),
    }

    snapshot = make(site, tmp_path).snapshot()

    assert [entry.path for entry in snapshot.entries] == ["a.html", "index.html"]
    assert snapshot.complete
    assert "/private/x" not in site.paths()


def test_a_redirect_inside_the_site_is_followed_to_a_page_that_is_listed_once(site: FakeSite, tmp_path: Path) -> None:
    site.replies |= {
        "/": page(TEXT, links=("/old", "/new", "/slash")),
        "/old": Reply(status=301, headers={"Location": "/new"}),
        "/new": page(f"new {TEXT}"),
        "/slash": Reply(status=308, headers={"Location": "/slash/"}),
        "/slash/": page(f"slash {TEXT}"),
    }

    snapshot = make(site, tmp_path).snapshot()

    assert [entry.path for entry in snapshot.entries] == ["index.html", "new.html", "slash.html"]
    assert snapshot.complete


def test_patterns_choose_pages_by_their_paths(site: FakeSite, tmp_path: Path) -> None:
    links = ("/docs/a", "/docs/old/b", "/blog/c")
    site.replies |= {"/": page(TEXT, links=links)} | {link: page(f"{link} {TEXT}") for link in links}

    found = listed(make(site, tmp_path, include=["docs/**"], exclude=["docs/old"]))

    assert list(found) == ["docs/a.html"]
    assert "/blog/c" not in site.paths()


def test_markdown_text_and_pdf_are_served_as_they_are_and_other_types_left_out(site: FakeSite, tmp_path: Path) -> None:
    site.replies |= {
        "/": page(TEXT, links=("/a.md", "/b", "/c.pdf", "/d", "/e?id=5&x=%2F")),
        "/a.md": Reply(b"# A\n\ntext\n", content_type="text/markdown"),
        "/b": Reply(b"plain text", content_type="text/plain; charset=utf-8"),
        "/c.pdf": Reply(b"%PDF-1.4 x", content_type="application/pdf"),
        "/d": Reply(b"\x00\x01", content_type="application/octet-stream"),
        "/e?id=5&x=%2F": page(f"e {TEXT}"),
    }
    source = make(site, tmp_path)

    paths = list(listed(source))

    assert paths[:3] == ["a.md", "b.txt", "c.pdf"]
    assert paths[3].startswith("e@id=5-x=-")
    assert paths[4:] == ["index.html"]
    assert source.fetch("a.md") == b"# A\n\ntext\n"


def test_a_copy_that_names_its_original_is_listed_once_and_a_false_canonical_is_not_believed(
    site: FakeSite, tmp_path: Path
) -> None:
    same = '<link rel="canonical" href="/original">'
    site.replies |= {
        "/": page(TEXT, links=("/original", "/copy", "/other")),
        "/original": page(f"same {TEXT}", head=same),
        "/copy": page(f"same {TEXT}", head=same),
        "/other": page(f"other {TEXT}", head=same),
    }

    assert list(listed(make(site, tmp_path))) == ["index.html", "original.html", "other.html"]


def test_an_alias_page_leads_to_the_page_it_stands_for(site: FakeSite, tmp_path: Path) -> None:
    site.replies |= {
        "/": Reply(b'<html><head><meta http-equiv="refresh" content="0; url=/home"></head><body>moved</body></html>'),
        "/home": page(TEXT),
    }

    assert list(listed(make(site, tmp_path))) == ["home.html"]


def test_dates_that_most_pages_share_are_those_of_a_build(site: FakeSite, tmp_path: Path) -> None:
    links = tuple(f"/p{number}" for number in range(12))
    built = {"Last-Modified": "Mon, 05 Jan 2026 10:00:00 GMT"}
    for link in links:
        site.replies[link] = Reply(page(f"{link} {TEXT}").body, headers=built)
    site.replies["/"] = Reply(page(TEXT, links=links).body, headers={"Last-Modified": "Tue, 06 Jan 2026 10:00:00 GMT"})

    found = listed(make(site, tmp_path))

    assert found["index.html"].updated_at == datetime(2026, 1, 6, 10, tzinfo=UTC)
    assert found["p1.html"].updated_at is None


def test_two_addresses_that_would_share_a_path_keep_their_own(site: FakeSite, tmp_path: Path) -> None:
    links = ("/a", "/a.html")
    site.replies |= {"/": page(TEXT, links=links)} | {link: page(f"{link} {TEXT}") for link in links}
    source = make(site, tmp_path)

    paths = list(listed(source))

    assert len(paths) == 3
    assert len({source.fetch(path) for path in paths}) == 3


def test_an_older_crawl_is_forgotten_with_its_pages(site: FakeSite, tmp_path: Path) -> None:
    source = make(site, tmp_path)
    for number in range(6):
        site.replies["/"] = page(f"{number} {TEXT}")
        source.snapshot()
    (file,) = (tmp_path / "cache").glob("*.sqlite")

    with sqlite3.connect(file) as connection:
        (bodies,) = connection.execute("SELECT count(*) FROM bodies").fetchone()
    connection.close()

    assert bodies == 3


@pytest.mark.parametrize(
    "terms",
    [
        {"start": []},
        {"start": ["ftp://host/x"]},
        {"start": ["https://user:pw@host/"]},
        {"start": ["https://a.example/", "https://b.example/"]},
        {"start": ["https://host:99999/"]},
    ],
)
def test_addresses_that_cannot_be_crawled_are_refused(site: FakeSite, tmp_path: Path, terms: dict[str, object]) -> None:
    with pytest.raises(UsageError) as caught:
        make(site, tmp_path, **terms)

    assert "pw" not in str(caught.value)
