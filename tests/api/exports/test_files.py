"""Tests of exports: complete, self-contained, and without anything that a document could smuggle in."""

import re
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from api.answering.answer import StatementKind
from api.exports.files import exported
from api.schemas.conversations import Conversation, SinceThen, StaleDocument
from tests.api.stored_answers import answer, conversation, said

HOSTILE = (
    "<script>alert(1)</script> ![x](http://evil/?q) [go](javascript:alert(1)) `<img src=x onerror=y>` &amp; ``` end"
)


def _hostile() -> Conversation:
    statements = [
        said("disk", HOSTILE, 1),
        said("disk", f"# {HOSTILE}", 1),
        said(
            "disk",
            f"```\n{HOSTILE}\n````\n</pre>",
            1,
            StatementKind.COMMAND,
            language='sh"><script>',
            destructive=HOSTILE,
        ),
        said("disk", f"| {HOSTILE} |", 1, StatementKind.TABLE_ROW, header=HOSTILE),
    ]
    facts: dict[str, object] = {"reason": HOSTILE, "warnings": [HOSTILE], "missing": [HOSTILE], "asked_as": HOSTILE}
    return conversation(answer("a1", HOSTILE, statements=statements, **facts), title=HOSTILE)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        assert not any(name.startswith("on") for name, _ in attrs)


def _tags(html: str) -> _Tags:
    found = _Tags()
    found.feed(html)
    return found


def test_an_html_page_loads_nothing_and_runs_nothing() -> None:
    page = exported(_hostile(), "html").text
    found = _tags(page)

    assert found.tags.isdisjoint({"script", "img", "iframe", "link", "object", "form", "base"})
    assert all(link.startswith(("#", "https://git.example.com/")) for link in found.links)
    assert "default-src 'none'" in page
    assert "alert(1)" in page, "the text itself is kept"


def test_markdown_of_hostile_text_renders_without_markup_of_its_own() -> None:
    text = exported(_hostile(), "markdown").text
    found = _tags(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))

    assert found.tags.isdisjoint({"script", "img", "iframe"})
    assert all(link.startswith("https://git.example.com/") for link in found.links)


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_an_export_tells_all_of_an_answer(form: str) -> None:
    told = conversation(answer(), answer("a2", "why?", asked_as="Why does DbDiskFull happen?"))
    turn = told.turns[0].model_copy(update={"stale": [StaleDocument(state=SinceThen.CHANGED, title="Old title")]})
    text = exported(
        told.model_copy(update={"turns": [turn, told.turns[1]]}), "html" if form == "html" else "markdown"
    ).text

    text = text.replace("\\", "")
    for words in (
        "What do I do when DbDiskFull fires?",
        "Partly answered",
        "See what takes the space.",
        "rm -rf /tmp/x",
        "removes files",
        "What is missing",
        "rotate",
        "Understood as: Why does DbDiskFull happen?",
        "Old title has changed since",
        "runbooks/disk.md",
        "Written by some-model",
        "2026-05-01 03:00 UTC",
        "a2",
    ):
        assert words in text, words


def test_json_is_the_conversation_itself() -> None:
    told = conversation(answer())

    assert Conversation.model_validate_json(exported(told, "json").text) == told


@pytest.mark.parametrize("title", ["../../etc/passwd\r\nX: y", "ü 🦊", '"; rm -rf', "x" * 500])
def test_a_file_name_is_plain_whatever_the_title(title: str) -> None:
    name = exported(conversation(answer(), title=title), "markdown").file_name

    assert re.fullmatch(r"[a-z0-9-]{10,100}\.md", name)
