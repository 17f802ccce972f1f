"""Markdown to sections and blocks whose spans are exact in the raw text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.knowledge.documents import BlockKind, ParsedText
from ingest.parsing.markdown import parse_markdown, plain_heading

PAGE = """\
---
title: Disk full
services: [db, cache]
updated: 2026-01-02
---
Intro line.

# Disk full

Look first.

1. Stop the writer:
   ```sh
   systemctl stop writer
   ```
2. Delete old logs
   - only `*.gz`

| name | limit |
|------|-------|
| /var | 90 %  |

## Verify {#verify}

> Careful.

    df -h

Setext
------
<div>raw</div>
"""


def test_sections_run_from_heading_to_heading_with_their_path() -> None:
    parsed = parse_markdown(PAGE)

    assert [section.heading_path for section in parsed.sections] == [
        (),
        ("Disk full",),
        ("Disk full", "Verify"),
        ("Disk full", "Setext"),
    ]
    assert text_of(parsed, 0) == "Intro line."
    assert text_of(parsed, 2) == "## Verify {#verify}\n\n> Careful.\n\n    df -h"


def test_blocks_have_their_kind_depth_and_exact_text() -> None:
    parsed = parse_markdown(PAGE)

    blocks = [(b.kind, b.depth, PAGE[b.span.start : b.span.end]) for b in parsed.sections[1].blocks]

    assert blocks == [
        (BlockKind.HEADING, 0, "# Disk full"),
        (BlockKind.PARAGRAPH, 0, "Look first."),
        (BlockKind.STEP, 0, "1. Stop the writer:\n   ```sh\n   systemctl stop writer\n   ```"),
        (BlockKind.CODE, 1, "   ```sh\n   systemctl stop writer\n   ```"),
        (BlockKind.STEP, 0, "2. Delete old logs\n   - only `*.gz`"),
        (BlockKind.ITEM, 1, "- only `*.gz`"),
        (BlockKind.TABLE_HEADER, 0, "| name | limit |"),
        (BlockKind.TABLE_ROW, 0, "| /var | 90 %  |"),
    ]


def test_front_matter_is_metadata_and_in_no_section() -> None:
    parsed = parse_markdown(PAGE)

    assert parsed.title == "Disk full"
    assert parsed.metadata["services"] == ["db", "cache"]
    assert parsed.sections[0].span.line_start == 6


def test_toml_front_matter_is_read_too() -> None:
    assert parse_markdown('+++\ntitle = "T"\n+++\nx').metadata == {"title": "T"}


@pytest.mark.parametrize("front", ["a: [1", "- a\n- b", "a: !!python/object:x {}", "\tx: 1"])
def test_front_matter_that_cannot_be_read_is_left_out_with_a_warning(front: str) -> None:
    parsed = parse_markdown(f"---\n{front}\n---\n# Title\n")

    assert (parsed.metadata, parsed.title, len(parsed.warnings)) == ({}, "Title", 1)


def test_a_rule_at_the_top_is_no_front_matter() -> None:
    assert parse_markdown("---\n\nText without end\n").warnings == ()


def test_a_heading_inside_a_fence_or_quote_starts_no_section() -> None:
    parsed = parse_markdown("# A\n\n```\n# not\n```\n\n> # nor this\n")

    assert [section.heading_path for section in parsed.sections] == [("A",)]


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("Verify {#verify}", "Verify"),
        ("Use **top** and `df` now ##", "Use top and df now"),
        ("[KubePodCrashLooping](x.md)", "KubePodCrashLooping"),
        ('<a name="x"></a>Steps', "Steps"),
        ("{{< shortcode >}} Title", "Title"),
    ],
)
def test_a_heading_is_freed_of_markup(raw: str, plain: str) -> None:
    assert plain_heading(raw) == plain


@given(st.text(alphabet="ab é🙂#-*>`|1.[]()<>{}+_~:\\\t \n\x00\u2028", max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_text_gives_ordered_sections_with_blocks_inside(text: str) -> None:
    parsed = parse_markdown(text)

    assert parsed.text == text
    end = 0
    for section in parsed.sections:
        assert section.span.start >= end
        end = section.span.end
        for block in section.blocks:
            assert section.span.start <= block.span.start < block.span.end <= section.span.end
            assert block.span.line_start == text.count("\n", 0, block.span.start) + 1


def text_of(parsed: ParsedText, section: int) -> str:
    span = parsed.sections[section].span
    return parsed.text[span.start : span.end]
