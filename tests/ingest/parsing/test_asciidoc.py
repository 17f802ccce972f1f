"""AsciiDoc keeps its steps, commands, warnings and tables; what is not followed is named."""

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import DocumentUnreadable
from ingest.knowledge.documents import BlockKind
from ingest.parsing.asciidoc import render_asciidoc
from ingest.parsing.registry import parse

PAGE = """\
= Restore the {product}
Jane Doe <jane@example.org>
v1.2, 2026-01-02
:product: ledger
:toc:

// a note to writers
Intro with *bold*, `code` and https://example.org/x[the page].

[#steps]
== Steps

WARNING: This deletes data.

. Stop the writers:
+
[source,bash]
----
kubectl scale deploy/{product} --replicas=0 # <1>
----
<1> All of them.
. Check
.. the queue
.. the lag
. Start it

////
hidden
////

=== Contacts

.Who to call
[cols="1,2a",options="header"]
|===
|Team |Phone

|Payments
|* 1
* 2
|===
"""


def _text(source: str) -> str:
    return render_asciidoc(source.encode()).text


def test_a_page_is_rendered_with_its_structure() -> None:
    rendered = render_asciidoc(PAGE.replace("{product}\nJane", "ledger\nJane").encode())

    assert rendered.title == "Restore the ledger"
    assert rendered.text.split("\n") == [
        "# Restore the ledger",
        "",
        "Intro with **bold**, `code` and [the page](https://example.org/x).",
        "",
        "## Steps",
        "",
        "> **Warning:** This deletes data.",
        "",
        "1. Stop the writers:",
        "",
        "   ```bash",
        "   kubectl scale deploy/{product} --replicas=0",
        "   ```",
        "   - (1) All of them.",
        "",
        "2. Check",
        "   1. the queue",
        "   2. the lag",
        "",
        "3. Start it",
        "",
        "### Contacts",
        "",
        "**Who to call**",
        "",
        "| Team | Phone |",
        "| --- | --- |",
        "| Payments | - 1 - 2 |",
    ]


def test_a_title_may_stand_below_its_anchor() -> None:
    assert render_asciidoc(b'[id="x_{context}"]\n= Restore\n\nText.\n').title == "Restore"


def test_steps_within_a_step_keep_their_own_code_and_notes() -> None:
    source = ". A\n\n.. B\n+\n----\nls <1>\n----\n<1> Mind.\n+\nMore.\n\n.. C\n\n. D\n\nAfter."

    assert _text(source) == (
        "1. A\n   1. B\n\n      ```\n      ls\n      ```\n      - (1) Mind.\n\n      More.\n\n   2. C\n\n2. D\n\nAfter."
    )


def test_code_after_a_mark_belongs_to_its_step() -> None:
    parsed = parse("a.adoc", b". One\n+\n[source,sh]\n----\nls\n----\n+\nMore.\n\n. Two\n")

    steps = [block for block in parsed.sections[0].blocks if block.kind is BlockKind.STEP]
    assert [parsed.text[block.span.start : block.span.end].split("\n")[0] for block in steps] == ["1. One", "2. Two"]
    assert "```sh\n   ls\n   ```\n\n   More." in parsed.text[steps[0].span.start : steps[0].span.end]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("* a\n** b\n* c", "- a\n  - b\n- c"),
        ("* a\n- b\n* c", "- a\n  - b\n- c"),
        (". a\n\n* b\n\n. c", "1. a\n   - b\n2. c"),
        ("3. a\n4. b", "3. a\n4. b"),
        ("[start=5]\n. a", "5. a"),
        ("* [x] done", "- done"),
        ("CPU:: The brain.\nDisk::\n  The memory.", "- **CPU**: The brain.\n- **Disk**: The memory."),
        ("* a\ngoes on\n+\nagain", "- a\n  goes on\n\n  again"),
    ],
)
def test_lists_are_nested_by_their_markers(source: str, expected: str) -> None:
    assert _text(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("----\nls\n----", "```\nls\n```"),
        ("[source,yaml]\n----\na: 1 # <1>\nb: 2 <2>\n----", "```yaml\na: 1\nb: 2\n```"),
        ("....\n+ out <1>\n....", "```\n+ out\n```"),
        ("```go\nx\n```", "```go\nx\n```"),
        (" indented\n  more", "```\nindented\n more\n```"),
        ("[source,sh]\nls\n\nText", "```sh\nls\n```\n\nText"),
        ("[,ruby]\n----\nx\n----", "```ruby\nx\n```"),
        ("[mermaid]\n....\ngraph LR\n....", "```mermaid\ngraph LR\n```"),
        ("[WARNING]\n====\nStop.\n\n. One\n====", "> **Warning**\n>\n> Stop.\n>\n> 1. One"),
        ("[NOTE]\nMind.", "> **Note:** Mind."),
        ("****\nAside.\n****", "Aside."),
        ("[quote]\n____\nSaid.\n____", "> Said."),
        ("++++\n<b>x</b>\n++++\n\nText", "Text"),
        (".Title\nText", "**Title**\n\nText"),
        ("Old title\n=========\n\nText", "# Old title\n\nText"),
        ("Run\n----\nls\n----", "Run\n\n```\nls\n```"),
        ("image::a.png[The queue,300]", "![The queue](a.png)"),
        ("# Title\n\n## Sub", "# Title\n\n## Sub"),
    ],
)
def test_blocks_become_their_counterparts(source: str, expected: str) -> None:
    if source.startswith("Run"):
        source = source.replace("Run", "Run this command")
        expected = expected.replace("Run", "Run this command")

    assert _text(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("See <<drain,Draining>>.", "See Draining."),
        ("See <<drain-it>>.", "See drain it."),
        ("See xref:ops/drain.adoc#x[Draining].", "See [Draining](ops/drain.adoc#x)."),
        ("link:a.pdf[The plan^]", "[The plan](a.pdf)"),
        ("https://example.org", "https://example.org"),
        ("https://example.org[]", "https://example.org"),
        ("`+{x}+` and `a*b*`", "`{x}` and `a*b*`"),
        ("*bold* 2*3*4 **un**bound", "**bold** 2*3*4 **un**bound"),
        ('#marked# [.red]#words# "`quoted`"', 'marked words "quoted"'),
        ("kbd:[Ctrl+C] menu:File[Save]", "Ctrl+C File > Save"),
        ("word[[anchor]] (((index,term)))((shown))", "word shown"),
        ("a +\nb", "a\nb"),
        ("Text.footnote:[More.]", "Text. (More.)"),
        ("image:i.png[alt=An icon] x", "![An icon](i.png) x"),
    ],
)
def test_inline_markup_becomes_markdown(source: str, expected: str) -> None:
    assert _text(source) == expected


def test_attributes_are_set_in_but_not_in_code_unless_asked() -> None:
    listing = "----\n{v}\n----"
    source = (
        f':v: 1.2\n:long: a \\\nb\n\n{{v}} {{long}} {{unknown}} \\{{v}}\n\n{listing}\n\n[subs="+attributes"]\n{listing}'
    )

    assert _text(source) == "1.2 a b {unknown} {v}\n\n```\n{v}\n```\n\n```\n1.2\n```"


def test_attributes_that_multiply_stay_small() -> None:
    bomb = ":a: xxxxxxxxxx\n" + "".join(f":a: {'{a}' * 10}\n" for _ in range(30))

    assert len(_text(f"{bomb}\n{{a}}\n")) <= 2_000


def test_includes_are_named_and_not_followed() -> None:
    rendered = render_asciidoc(b"Text.\n\ninclude::../secrets.adoc[]\n\n----\ninclude::a.yaml[]\nx\n----\n")

    assert "secrets" not in rendered.text
    assert rendered.warnings == (
        "includes '../secrets.adoc', 'a.yaml', which was not followed: add those files to the source",
    )


def test_conditions_are_resolved_where_the_file_decides_them() -> None:
    source = ":pro:\n\nifdef::pro[]\nA\nendif::[]\nifndef::pro[]\nB\nendif::[]\nifdef::env-github[C]\n"

    rendered = render_asciidoc(source.encode())

    assert rendered.text == "A"
    assert rendered.warnings == ()


def test_text_under_conditions_of_the_site_is_kept_and_told() -> None:
    rendered = render_asciidoc(b"ifdef::enterprise[]\nA\nendif::[]\n")

    assert rendered.text == "A"
    assert rendered.warnings == ("text under conditions on 'enterprise' was read as if each held",)


@pytest.mark.parametrize(
    ("source", "rows"),
    [
        ("|===\n|a |b\n\n|c\n|d\n|===", ["| a | b |", "| c | d |"]),
        ("[cols=2*]\n|===\n|a\n|b\n|c |d\n|===", ["| a | b |", "| c | d |"]),
        ("|===\n|a |b\n\n2+|c\n|===", ["| a | b |", "| c | c |"]),
        ("|===\n|a |b\n\n.2+|c |d\n|e\n|===", ["| a | b |", "| c | d |", "| c | e |"]),
        ('[format=csv]\n|===\na,b\n"c, d",e\n|===', ["| a | b |", "| c, d | e |"]),
        (",===\na,b\nc,d\n,===", ["| a | b |", "| c | d |"]),
        ("|===\n|a |b\n\n|`x \\| y`\na|\n----\nls\n----\n|===", ["| a | b |", "| `x \\| y` | ls |"]),
    ],
)
def test_tables_become_pipe_tables(source: str, rows: list[str]) -> None:
    header, line, *body = _text(source).split("\n")

    assert line == "| --- | --- |"
    assert [header, *body] == rows


@pytest.mark.parametrize("source", ["// only\n", "include::a[]\n", ":a: b\n"])
def test_a_file_without_text_is_refused(source: str) -> None:
    with pytest.raises(DocumentUnreadable, match="holds no text"):
        _text(source)


_PIECES = [
    *("= T\n", "== S\n", "* ", "** ", ". ", ".. ", "+\n", "----\n", "====\n", "|===\n", "|", "a|", "2+|", ".3+|"),
    *("[source,sh]\n", "[NOTE]\n", ".Title\n", "term:: ", "<1> ", "\n", "\n\n", "words ", "include::a[]\n"),
    *("ifdef::x[]\n", "endif::[]\n", "////\n", "--\n", "```\n", "image::a[b]\n", "<<a,b>>", "`", "*", "  ", "{a}"),
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=30).map("".join))
def test_any_heap_of_markup_is_rendered_or_refused(source: str) -> None:
    with contextlib.suppress(DocumentUnreadable):
        render_asciidoc(source.encode())


@pytest.mark.parametrize(
    "piece",
    ["* a\n", "====\n", ". a\n+\n", "|", "|===\n", "`", "<<", "a:: ", "*a ", "ifdef::x[]\n", "[a]\n", ".1000+|x"],
)
def test_hostile_repetition_takes_no_time(piece: str) -> None:
    began = time.process_time()
    with contextlib.suppress(DocumentUnreadable):
        render_asciidoc((piece * 4000 + "end").encode())

    assert time.process_time() - began < 5
