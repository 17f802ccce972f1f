"""An issue with its comments as Markdown."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import yaml

from ingest.parsing.markdown import parse_markdown
from ingest.sources.issue_threads import Comment, IssueThread, lowered, render_thread

AT = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
THREAD = IssueThread(
    number=7,
    title="Checkout was down",
    closed=True,
    author="anna",
    opened_at=AT,
    closed_at=AT,
    labels=("incident", "sev1"),
    text="# Impact\n\nNobody could pay.\n",
    comments=(
        Comment("ben", AT, "## Root cause\r\n\r\nA full disk."),
        Comment("", None, "  "),
        Comment("", None, "ok"),
    ),
)


def test_a_thread_states_its_facts_as_front_matter() -> None:
    text = render_thread(THREAD).decode()

    assert yaml.safe_load(text.split("---\n")[1]) == {
        "title": "Checkout was down",
        "kind": "postmortem",
        "issue": 7,
        "status": "closed",
        "date": "2026-03-03T08:00:00Z",
        "closed": "2026-03-03T08:00:00Z",
        "author": "anna",
        "labels": ["incident", "sev1"],
    }


def test_text_and_comments_are_sections_below_the_title() -> None:
    paths = [section.heading_path for section in parse_markdown(render_thread(THREAD).decode()).sections]

    signature = "Comment by ben at 2026-03-03T08:00:00Z"
    title = "Checkout was down"
    assert paths == [
        (title,),
        (title, "Impact"),
        (title, signature),
        (title, signature, "Root cause"),
        (title, "Comment"),
    ]


def test_a_title_that_yaml_would_read_as_something_else_stays_a_title() -> None:
    for title in ("yes", "a: b # c", "- x", "'", "line\nbreak", "---", "\u2028"):
        parsed = parse_markdown(render_thread(replace(THREAD, title=title)).decode())

        assert parsed.metadata["title"] == (" ".join(title.split()) or "Issue 7")


@pytest.mark.parametrize(
    ("text", "deeper"),
    [
        ("# A", "## A"),
        ("###### F", "###### F"),
        ("#hashtag", "#hashtag"),
        ("```sh\n# a comment\n```\n# B", "```sh\n# a comment\n```\n## B"),
        ("~~~\n```\n# x\n~~~\n# B", "~~~\n```\n# x\n~~~\n## B"),
        ("Title\n=====\ntext", "## Title\ntext"),
        ("Title\n---\ntext", "### Title\ntext"),
        ("text\n\n---\n\ntext", "text\n\n---\n\ntext"),
        ("| a |\n| --- |", "| a |\n| --- |"),
        ("a <!-- hidden\n# words --> b", "a  b"),
    ],
)
def test_headings_move_down_and_nothing_else_does(text: str, deeper: str) -> None:
    assert lowered(text, 1) == deeper
