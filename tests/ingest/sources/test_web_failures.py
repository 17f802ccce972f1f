"""A web site that fails, limits or misleads: what a snapshot says then, and what it must not remove."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.errors import DocumentUnavailable, DocumentUnreadable, SourceUnreadable, StorageFailed
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
)


@pytest.fixture
def site() -> Iterator[FakeSite]:
    with fake_site() as running:
        yield running


@pytest.mark.parametrize(
    "broken",
    [
        Reply(status=500),
        Reply(b"<urlset><url><loc>http://x/</loc>", content_type="application/xml"),
        Reply(b"\x1f\x8b\x08\x00broken"),
        Reply(b"<html><body>Not found</body></html>"),
    ],
)
def test_a_part_of_a_sitemap_that_fails_makes_the_snapshot_partial(
    site: FakeSite, tmp_path: Path, broken: Reply
) -> None:
    url = site.url
    site.replies |= {
        "/sitemap.xml": sitemap_index(f"{url}/one.xml", f"{url}/two.xml"),
        "/one.xml": sitemap(f"{url}/a"),
        "/two.xml": broken,
        "/a": page(TEXT),
    }

    snapshot = make(site, tmp_path, sitemap=f"{url}/sitemap.xml").snapshot()

    assert ([entry.path for entry in snapshot.entries], snapshot.complete) == (["a.html"], False)
    assert "two.xml" in snapshot.problems[0]


def test_entities_of_a_hostile_sitemap_are_not_expanded(site: FakeSite, tmp_path: Path) -> None:
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    site.replies["/sitemap.xml"] = Reply(
        f'<!DOCTYPE x [<!ENTITY e0 "/a">{bomb}]><urlset><url><loc>{site.url}&e9;</loc></url></urlset>'.encode()
    )

    with pytest.raises(SourceUnreadable):
        make(site, tmp_path, sitemap=f"{site.url}/sitemap.xml").snapshot()


def test_what_a_crawl_listed_is_unavailable_for_now_once_the_cache_is_gone(site: FakeSite, tmp_path: Path) -> None:
    site.replies["/"] = page(TEXT)
    source = make(site, tmp_path)
    source.snapshot()
    (tmp_path / "cache").rename(tmp_path / "elsewhere")

    with pytest.raises(DocumentUnavailable):
        source.fetch("index.html")


def test_a_cache_that_is_damaged_says_what_to_do(site: FakeSite, tmp_path: Path) -> None:
    site.replies["/"] = page(TEXT)
    make(site, tmp_path).snapshot()
    (file,) = (tmp_path / "cache").glob("*.sqlite")
    file.write_bytes(b"not a database" * 100)

    with pytest.raises(StorageFailed, match="remove it"):
        make(site, tmp_path).snapshot()


def test_without_readable_rules_nothing_is_crawled(site: FakeSite, tmp_path: Path) -> None:
    site.replies |= {"/robots.txt": Reply(status=503), "/": page(TEXT)}

    with pytest.raises(SourceUnreadable, match=r"robots\.txt.*503"):
        make(site, tmp_path).snapshot()
    assert site.paths() == []


def test_the_crawl_delay_of_the_site_is_kept(site: FakeSite, tmp_path: Path) -> None:
    site.replies |= {
        "/robots.txt": Reply(b"User-agent: *\nCrawl-delay: 0.3\n", content_type="text/plain"),
        "/": page(TEXT, links=("/a", "/b")),
    }
    started = datetime.now(UTC)

    make(site, tmp_path).snapshot()

    assert (datetime.now(UTC) - started).total_seconds() >= 0.6


def test_a_rate_limit_is_waited_for_as_long_as_it_asks(site: FakeSite, tmp_path: Path) -> None:
    site.replies["/"] = [Reply(status=429, headers={"Retry-After": "1"}), page(TEXT)]
    started = datetime.now(UTC)

    snapshot = make(site, tmp_path).snapshot()

    assert snapshot.complete
    assert (datetime.now(UTC) - started).total_seconds() >= 1


def test_a_rate_limit_that_asks_for_too_long_fails_at_once(site: FakeSite, tmp_path: Path) -> None:
    site.replies |= {"/": page(TEXT, links=("/a",)), "/a": Reply(status=429, headers={"Retry-After": "3600"})}

    snapshot = make(site, tmp_path).snapshot()

    assert not snapshot.complete
    assert "asks to wait 3600 s" in snapshot.problems[0]
    assert site.paths() == ["/", "/a"]


def test_a_page_that_is_gone_leaves_the_snapshot_and_one_that_fails_makes_it_partial(
    site: FakeSite, tmp_path: Path
) -> None:
    site.replies |= {"/": page(TEXT, links=("/a", "/b")), "/a": page(f"a {TEXT}"), "/b": page(f"b {TEXT}")}
    make(site, tmp_path).snapshot()

    site.replies["/a"] = Reply(status=410)
    gone = make(site, tmp_path).snapshot()
    site.replies["/b"] = Reply(status=500)
    failing = make(site, tmp_path).snapshot()

    assert ([entry.path for entry in gone.entries], gone.complete) == (["b.html", "index.html"], True)
    assert not failing.complete
    assert "HTTP 500; the next sync asks again" in failing.problems[0]


def test_a_half_finished_page_makes_the_snapshot_partial_and_is_not_kept(site: FakeSite, tmp_path: Path) -> None:
    whole = page(f"a {TEXT}")
    site.replies |= {"/": page(TEXT, links=("/a",)), "/a": Reply(whole.body[:200], cut=len(whole.body))}
    partial = make(site, tmp_path).snapshot()
    site.replies["/a"] = whole

    complete = make(site, tmp_path).snapshot()

    assert not partial.complete
    assert "no whole answer" in partial.problems[0]
    assert [entry.path for entry in complete.entries] == ["a.html", "index.html"]


def test_a_dead_site_is_given_up_early_and_is_unreadable(tmp_path: Path) -> None:
    with fake_site() as site:
        source = make(site, tmp_path)

    with pytest.raises(SourceUnreadable, match="check that the site is up"):
        source.snapshot()


def test_a_site_that_dies_during_the_crawl_is_not_asked_for_every_page(site: FakeSite, tmp_path: Path) -> None:
    links = tuple(f"/p{number}" for number in range(40))
    site.replies |= {"/": page(TEXT, links=links)} | {link: Reply(status=501) for link in links}

    snapshot = make(site, tmp_path).snapshot()

    assert "in a row" in snapshot.problems[-1]
    assert len(site.paths()) < 10


def test_a_redirect_off_the_site_is_not_followed(site: FakeSite, tmp_path: Path) -> None:
    with fake_site() as foreign:
        site.replies |= {
            "/": page(TEXT, links=("/moved", "/login")),
            "/moved": Reply(status=301, headers={"Location": f"{foreign.url}/x"}),
        }
        moved = make(site, tmp_path).snapshot()
        site.replies["/login"] = Reply(status=302, headers={"Location": f"{foreign.url}/sso"})
        login = make(site, tmp_path).snapshot()

        assert foreign.asked == []
    assert moved.complete
    assert "off the site" in moved.problems[0]
    assert not login.complete


@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://[broken", "javascript:alert(1)", ""])
def test_a_redirect_to_what_is_no_page_is_not_followed(site: FakeSite, tmp_path: Path, target: str) -> None:
    site.replies |= {"/": page(TEXT, links=("/x",)), "/x": Reply(status=302, headers={"Location": target})}

    assert list(listed(make(site, tmp_path))) == ["index.html"]


def test_a_page_that_is_refused_suddenly_is_not_taken_for_removed(site: FakeSite, tmp_path: Path) -> None:
    site.replies |= {"/": page(TEXT, links=("/a", "/locked")), "/a": page(f"a {TEXT}"), "/locked": Reply(status=403)}
    first = make(site, tmp_path).snapshot()
    site.replies["/a"] = Reply(status=401)

    second = make(site, tmp_path).snapshot()

    assert first.complete
    assert "refused" in first.problems[0]
    assert not second.complete


def test_max_pages_ends_the_crawl_and_says_so(site: FakeSite, tmp_path: Path) -> None:
    links = tuple(f"/p{number}" for number in range(10))
    site.replies |= {"/": page(TEXT, links=links)} | {link: page(f"{link} {TEXT}") for link in links}

    snapshot = make(site, tmp_path, max_pages=4).snapshot()

    assert (len(snapshot.entries), snapshot.complete) == (4, False)
    assert "max_pages (4)" in snapshot.problems[0]


def test_max_depth_and_traps_end_a_chain_of_links(site: FakeSite, tmp_path: Path) -> None:
    site.replies |= {f"/n{number}": page(f"n{number} {TEXT}", links=(f"/n{number + 1}",)) for number in range(9)}
    loop = "/loop/" * 1
    for _ in range(8):
        site.replies[loop] = page(f"{len(loop)} {TEXT}", links=("loop/",))
        loop += "loop/"

    chain = listed(make(site, tmp_path, start=[f"{site.url}/n0"], max_depth=3))
    trap = listed(make(site, tmp_path, start=[f"{site.url}/loop/"], max_depth=50))

    assert list(chain) == ["n0.html", "n1.html", "n2.html", "n3.html"]
    assert len(trap) == 3


def test_a_page_that_is_too_large_is_listed_with_its_problem(site: FakeSite, tmp_path: Path) -> None:
    site.replies |= {"/": page(TEXT, links=("/big",)), "/big": page("x " * 200_000)}

    found = listed(make(site, tmp_path))

    assert "more than 200,000 bytes" in (found["big.html"].problem or "")


def test_a_page_without_text_is_listed_with_its_problem(site: FakeSite, tmp_path: Path) -> None:
    site.replies |= {"/": page(TEXT, links=("/app",)), "/app": Reply(b"<div id=root></div><script>x()</script>")}
    source = make(site, tmp_path)

    assert "scripts" in (listed(source)["app.html"].problem or "")
    with pytest.raises(DocumentUnreadable):
        source.fetch("app.html")
