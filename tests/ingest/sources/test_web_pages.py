"""A page read: its main content keeps every command and step, whatever the site is built with."""

import time

import pytest
from lxml.html import document_fromstring  # type: ignore[import-untyped]  # lxml ships no hints

from ingest.sources.web_pages import WebPage, read_page

STEPS = """
<h1>Disk full on db-01</h1>
<p>When the alert <code>DiskWillFill</code> fires, follow these steps and tell the team about each of them.</p>
<ol start="3">
 <li>Check the usage:<pre><code class="language-bash">df -h /var/lib
du -sh /var/lib/* | sort -h</code></pre></li>
 <li>Read the secret:<div class="highlight"><pre><span></span>kubectl get secret x --template
<span class="o">{{</span>.data.key<span class="o">}}</span> | base64 -d
</pre></div></li>
 <li>Restart <code>postgresql</code><ol><li>the replica</li><li>the primary</li></ol></li>
</ol>
<table><tr><th>Host</th><th>Limit</th></tr><tr><td>db-01</td><td>80 %</td></tr></table>
<div class="admonition warning"><p>Never run <code>rm -rf</code> here, whatever the pressure is.</p></div>
"""
MENU = "<ul>" + "".join(f'<li><a href="/p{number}">Page number {number}</a></li>' for number in range(30)) + "</ul>"
FRAMES = {
    "main": "<nav>{menu}</nav><main>{steps}</main><footer>Imprint</footer>",
    "article in main": "<main><nav>{menu}</nav><div><article>{steps}</article></div></main>",
    "role": '<div class="side">{menu}</div><div role="main">{steps}</div>',
    "boxes": '<div class="w"><div class="side">{menu}</div><div class="text">{steps}</div></div><div>Imprint</div>',
    "layout table": "<table><tr><td>{menu}</td><td>{steps}</td></tr></table>",
    "one form": '<form action="/"><input type="hidden" value="1"><div>{menu}</div><div>{steps}</div></form>',
    "bare": "{steps}",
}


def read(body: str, *, head: str = "<title>Disk full on db-01 | Ops</title>") -> WebPage:
    source = f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"
    return read_page(source.encode(), "text/html; charset=utf-8", "https://wiki.example/docs/disk")


@pytest.mark.parametrize("frame", FRAMES)
def test_commands_steps_and_tables_are_kept_and_the_menu_is_not(frame: str) -> None:
    page = read(FRAMES[frame].format(menu=MENU, steps=STEPS))

    content = document_fromstring(page.content)
    codes = [pre.text_content() for pre in content.iter("pre")]
    assert codes[0] == "df -h /var/lib\ndu -sh /var/lib/* | sort -h"
    assert codes[1].strip() == "kubectl get secret x --template\n{{.data.key}} | base64 -d"
    assert [len(ol) for ol in content.iter("ol")] == [3, 2]
    assert content.find(".//ol").get("start") == "3"
    assert b"80 %" in page.content
    assert b"rm -rf" in page.content
    assert b"Page number" not in page.content
    assert page.title == "Disk full on db-01"


def test_a_command_outside_of_the_marked_main_part_widens_it() -> None:
    page = read(f"<nav>{MENU}</nav><div><main><p>{'text ' * 80}</p></main><div><pre>ssh db-01</pre></div></div>")

    assert b"ssh db-01" in page.content


def test_a_heading_outside_of_the_main_part_is_put_before_it() -> None:
    page = read(f"<div class='top'><h1>Disk full</h1></div><main><p>{'text ' * 80}</p></main>", head="")

    assert page.content.index(b"<h1>Disk full</h1>") < page.content.index(b"<p>text")
    assert page.title == "Disk full"


def test_several_articles_of_one_page_are_all_kept() -> None:
    page = read("".join(f"<article><h2>Case {n}</h2><pre>run {n}</pre><p>{'t ' * 200}</p></article>" for n in range(3)))

    assert [text in page.content for text in (b"run 0", b"run 1", b"run 2")] == [True] * 3


def test_links_are_those_a_reader_may_follow() -> None:
    page = read(
        '<a href="a">A</a><a href="#x">X</a><a href="/edit" rel="nofollow">E</a><a>none</a><a href="a">A</a>',
        head='<base href="https://wiki.example/other/"><link rel="canonical" href="/docs/disk/">',
    )

    assert page.links == ("a",)
    assert (page.base, page.canonical) == ("https://wiki.example/other/", "/docs/disk/")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<p>caf\xe9 \u20ac</p>".encode("cp1252"), "text/html"),
        ("<p>caf\xe9 \u20ac</p>".encode(), "text/html"),
        ("<p>caf\xe9 \u20ac</p>".encode("utf-16"), "text/html"),
        ("<p>caf\xe9 \u20ac</p>".encode("iso-8859-15"), "text/html; charset=iso-8859-15"),
        ("<meta charset='iso-8859-15'><p>caf\xe9 \u20ac</p>".encode("iso-8859-15"), "text/html"),
        ("<p>caf\xe9 \u20ac</p>".encode(), "text/html; charset=no-such-thing"),
    ],
)
def test_a_page_is_read_in_its_own_encoding_and_served_in_utf8(body: bytes, content_type: str) -> None:
    assert "café €" in read_page(body, content_type, "https://wiki.example/").content.decode()


@pytest.mark.parametrize("body", [b"", b"   ", b"<html></html>", b"<!-- x -->", b"\x00", b"<script>x()</script>"])
def test_a_page_without_text_has_no_content(body: bytes) -> None:
    assert read_page(body, "text/html", "https://wiki.example/").content == b""


@pytest.mark.parametrize(
    "body",
    [
        b"<div>" * 50_000 + b"text",
        b"<p>" + b"<a href='/x'>link</a>" * 40_000,
        b"<table><tr><td>" * 3_000 + b"<pre>run</pre>",
        b"<ol><li>" * 3_000 + b"run",
    ],
)
def test_a_page_that_nests_without_end_is_read_in_bounded_time(body: bytes) -> None:
    started = time.perf_counter()

    read_page(body, "text/html", "https://wiki.example/")

    assert time.perf_counter() - started < 5
