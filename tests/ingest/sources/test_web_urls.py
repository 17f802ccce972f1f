"""Addresses of pages: which belong to a site, which are the same, and under which path they are stored."""

import pytest

from ingest.sources.web_urls import Site, document_path, identity, may_be_page

SITE = Site.of("https://wiki.example:443/start")
HTML = (".html", ".htm")


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("b?x=1#part", "https://wiki.example/docs/b?x=1"),
        ("../up", "https://wiki.example/up"),
        ("//wiki.example//a///b", "https://wiki.example/a/b"),
        ("http://WIKI.example/a", "https://wiki.example/a"),
        ("/a?utm_source=x&id=5&gclid=1", "https://wiki.example/a?id=5"),
        ("/a;jsessionid=AB12?x", "https://wiki.example/a?x"),
        ("/caf%C3%A9/é b", "https://wiki.example/caf%C3%A9/%C3%A9%20b"),
        ("/100%25", "https://wiki.example/100%25"),
        ("https://other.example/a", None),
        ("https://wiki.example.evil.org/a", None),
        ("https://wiki.example:8443/a", None),
        ("https://user:pw@wiki.example/a", None),
        ("javascript:alert(1)", None),
        ("mailto:a@wiki.example", None),
        ("https://[broken/a", None),
        ("https://wiki.example:port/", None),
    ],
)
def test_a_link_has_one_spelling_and_stays_on_the_site(link: str, target: str | None) -> None:
    assert SITE.resolve(link, "https://wiki.example/docs/a") == target


def test_a_slash_or_an_index_page_makes_no_other_page() -> None:
    addresses = ("https://x.io/a", "https://x.io/a/", "https://x.io/a/index.html")

    assert len({identity(address) for address in addresses}) == 1
    assert identity("https://x.io/a?id=1") != identity("https://x.io/a")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://x.io/", "index.html"),
        ("https://x.io/docs/disk/", "docs/disk.html"),
        ("https://x.io/docs/disk.HTML", "docs/disk.HTML"),
        ("https://x.io/v1.2", "v1.2.html"),
        ("https://x.io/a/%2e%2e/b", "a/b.html"),
        ("https://x.io/caf%C3%A9%0A", "café_.html"),
    ],
)
def test_the_path_of_a_document_follows_its_address(url: str, path: str) -> None:
    assert document_path(url, HTML) == path


def test_queries_keep_pages_of_one_path_apart() -> None:
    paths = {document_path(f"https://x.io/show.html?id={number}", HTML) for number in range(5)}

    assert len(paths) == 5
    assert all(path.endswith(".html") for path in paths)


@pytest.mark.parametrize("url", ["/a/b/a/b/a/b/a/b", "/" + "x" * 2000, "/logo.PNG", "/app.js", "/a" + "/b1/c" * 20])
def test_traps_and_files_that_are_no_pages_are_not_asked_for(url: str) -> None:
    assert not may_be_page(f"https://x.io{url}")
