"""Confluence's storage format as plain HTML, and what a reader gets of it in the end."""

import time

import pytest

from ingest.errors import DocumentUnreadable, NotADocument
from ingest.parsing.registry import parse
from ingest.sources.confluence_storage import Place, storage_to_html

PLACE = Place("https://wiki.shop.example", "OPS")


def macro(name: str, *, rich: str | None = None, plain: str | None = None, **parameters: str) -> str:
    """Return a macro in storage format."""
    inside = "".join(f'<ac:parameter ac:name="{key}">{value}</ac:parameter>' for key, value in parameters.items())
    inside += "" if plain is None else f"<ac:plain-text-body><![CDATA[{plain}]]></ac:plain-text-body>"
    inside += "" if rich is None else f"<ac:rich-text-body>{rich}</ac:rich-text-body>"
    return f'<ac:structured-macro ac:name="{name}" ac:schema-version="1">{inside}</ac:structured-macro>'


def main(storage: str) -> str:
    """Return what stands inside of <main>."""
    page = storage_to_html(storage, title="Title", place=PLACE).decode()
    return page.split("<main>", 1)[1].rsplit("</main>", 1)[0]


def read(storage: str) -> str:
    """Return the text that the parser makes of a page."""
    return parse("page.html", storage_to_html(storage, title="Title", place=PLACE)).text.strip()


@pytest.mark.parametrize(
    ("storage", "text"),
    [
        ("<h2>Impact</h2><p>None&nbsp;at all &mdash; &copy; &amp; &lt;b&gt;</p>", "## Impact\n\nNone at all — © & <b>"),
        (macro("code", plain="a < b && c", language="bash"), "```bash\na < b && c\n```"),
        (macro("code", plain="x"), "```\nx\n```"),
        (macro("noformat", plain="&nbsp;<raw>"), "```\n&nbsp;<raw>\n```"),
        (macro("plantuml", plain="a -> b"), "```plantuml\na -> b\n```"),
        (macro("warning", rich="<p>Data loss</p>"), "> Warning\n>\n> Data loss"),
        (macro("info", rich="<p>More</p>", title="Read on"), "> Info: Read on\n>\n> More"),
        (macro("expand", rich="<ol><li>One</li><li>Two</li></ol>", title="Steps"), "Steps\n\n1. One\n2. Two"),
        (f"<p>It is {macro('status', title='GREEN', colour='Green')} now.</p>", "It is GREEN now."),
        (f"<p>See {macro('jira', key='OPS-7', server='Jira')}.</p>", "See OPS-7."),
        (macro("toc") + macro("children") + "<p>Text</p>", "Text"),
        (macro("of-some-plugin", rich="<p>kept</p>"), "kept"),
        ("<ac:layout><ac:layout-section><ac:layout-cell><p>In it</p></ac:layout-cell></ac:layout-section></ac:layout>",
         "In it"),
        ('<p>On <time datetime="2026-03-03" /> it broke.</p>', "On 2026-03-03 it broke."),
        ('<p>Ask <ac:link><ri:user ri:account-id="5b10" /></ac:link>.</p>', "Ask @someone."),
        ("<table><tbody><tr><th>Host</th><th>Role</th></tr><tr><td>db1</td><td>main</td></tr></tbody></table>",
         "| Host | Role |\n| --- | --- |\n| db1 | main |"),
    ],
)  # fmt: skip
def test_a_page_reads_as_it_looks(storage: str, text: str) -> None:
    assert read(storage) == text


def test_tasks_keep_whether_they_are_done() -> None:
    tasks = "".join(
        f"<ac:task><ac:task-id>{number}</ac:task-id><ac:task-status>{status}</ac:task-status>"
        f"<ac:task-body><span>{words}</span></ac:task-body></ac:task>"
        for number, (status, words) in enumerate((("complete", "Drain"), ("incomplete", "Restart")))
    )

    assert read(f"<ac:task-list>{tasks}</ac:task-list>") == "- [x] Drain\n- [ ] Restart"


@pytest.mark.parametrize(
    ("link", "html"),
    [
        (
            '<ac:link><ri:page ri:content-title="Disk full?" /></ac:link>',
            '<a href="https://wiki.shop.example/display/OPS/Disk%20full%3F">Disk full?</a>',
        ),
        (
            '<ac:link ac:anchor="top"><ri:page ri:space-key="DEV" ri:content-title="A" />'
            "<ac:plain-text-link-body><![CDATA[see <A>]]></ac:plain-text-link-body></ac:link>",
            '<a href="https://wiki.shop.example/display/DEV/A#top">see &lt;A&gt;</a>',
        ),
        (
            '<ac:link><ri:attachment ri:filename="plan.pdf" /><ac:link-body>the <b>plan</b></ac:link-body></ac:link>',
            "<span>the plan</span>",
        ),
        ('<ac:link ac:anchor="steps" />', "<span>steps</span>"),
        ("x<ac:link />", "x<span></span>"),
    ],
)
def test_a_link_has_its_words_and_where_it_leads(link: str, html: str) -> None:
    assert main(link) == html


def test_a_picture_keeps_its_name_its_alternative_text_and_its_caption() -> None:
    caption = "<ac:caption><p>At noon</p></ac:caption>"
    picture = f'<p><ac:image ac:alt="Queue"><ri:attachment ri:filename="q.png" />{caption}</ac:image>.</p>'

    assert main(picture) == '<p><img src="q.png" alt="Queue"> At noon .</p>'


def test_a_macro_in_a_macro_is_converted_too() -> None:
    inner = macro("code", plain="reboot", language="bash")

    assert read(macro("expand", rich=macro("warning", rich=inner))) == "> Warning\n>\n> ```bash\n> reboot\n> ```"


def test_an_included_page_is_named() -> None:
    link = '<ac:link><ri:page ri:content-title="On call" /></ac:link>'
    include = macro("include", **{"": link})

    assert read(include) == "See [On call](https://wiki.shop.example/display/OPS/On%20call)"


def test_the_text_around_what_is_dropped_stays() -> None:
    assert read(f"<p>before {macro('anchor')} after</p>") == "before after"


@pytest.mark.parametrize(
    "storage", ["", "<p>&nbsp;</p>", macro("children") + macro("toc"), "<p><ac:placeholder>x</ac:placeholder></p>"]
)
def test_a_page_that_only_gathers_others_is_no_document(storage: str) -> None:
    with pytest.raises(NotADocument, match="no text of its own"):
        main(storage)


def test_the_title_is_escaped() -> None:
    page = storage_to_html("<p>x</p>", title="</title><script>alert(1)</script>", place=PLACE)

    assert b"<script>" not in page


@pytest.mark.parametrize(
    "storage",
    [
        "<p>kept",
        "<p>kept</div>",
        "<p>kept &bogus; & </p>",
        "kept",
        "<p>kept</p>\x00\x0b",
        "<p>kept</p></page><p>",
        "<p>kept]]></p>",
    ],
)
def test_damaged_markup_keeps_its_words(storage: str) -> None:
    assert "kept" in main(storage)


def test_entities_that_a_page_declares_are_never_expanded() -> None:
    bomb = "<!DOCTYPE lolz [<!ENTITY a 'haha'>" + "".join(
        f"<!ENTITY a{number} '{f'&a{number - 1 or str()};' * 10}'>" for number in range(1, 12)
    )
    started = time.perf_counter()

    text = main(bomb + "]><p>&a11; &xxe;</p>")

    assert "haha" not in text.replace("'haha'", "")
    assert time.perf_counter() - started < 2


def test_files_of_the_machine_are_never_read() -> None:
    assert "root:" not in main('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><p>&x;</p>')


def test_elements_without_end_are_refused() -> None:
    with pytest.raises(DocumentUnreadable, match="too deep"):
        main("<div>" * 100_000)


def test_a_very_long_page_is_converted_in_seconds() -> None:
    page = "".join(f"<p>line {number}</p>{macro('code', plain='ls')}" for number in range(5_000))
    started = time.perf_counter()

    assert main(page).count("<pre>") == 5_000
    assert time.perf_counter() - started < 5
