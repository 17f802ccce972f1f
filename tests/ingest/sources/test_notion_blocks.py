"""Notion's blocks as Markdown."""

from collections.abc import Sequence

import pytest

from ingest.parsing.markdown import parse_markdown
from ingest.sources.notion_answers import Block
from ingest.sources.notion_blocks import render_blocks
from tests.ingest.sources.notion_server import Json, block, rich, text_block


def render(*blocks: Json, inside: dict[int, Sequence[Json]] | None = None) -> str:
    """Render blocks; `inside` holds the children of the block with that number."""
    known = {f"{number:032x}": children for number, children in (inside or {}).items()}

    def children(one: Block) -> list[Block]:
        return [Block.model_validate(child) for child in known[one.id.replace("-", "")]]

    return render_blocks([Block.model_validate(one) for one in blocks], children)


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (text_block(1, "heading_2", "Impact"), "## Impact"),
        (text_block(1, "paragraph", "Two\nlines"), "Two\nlines"),
        (text_block(1, "quote", "Said"), "> Said"),
        (text_block(1, "callout", "Mind the gap", icon={"type": "emoji", "emoji": "⚠️"}), "> ⚠️ Mind the gap"),
        (text_block(1, "to_do", "Call", checked=True), "- [x] Call"),
        (text_block(1, "to_do", "Call", checked=False), "- [ ] Call"),
        (text_block(1, "code", "kubectl get po", language="bash"), "```bash\nkubectl get po\n```"),
        (text_block(1, "code", "```", language="plain text"), "````\n```\n````"),
        (block(1, "divider"), "---"),
        (block(1, "equation", expression="e=mc^2"), "$$\ne=mc^2\n$$"),
        (block(1, "bookmark", url="https://a.example", caption=[]), "[https://a.example](https://a.example)"),
        (block(1, "child_page", title="Disk [full]"), f"[Disk (full)](https://www.notion.so/{1:032x})"),
        (block(1, "table_of_contents"), ""),
        (block(1, "unsupported"), "(Here stands a Notion block that its API does not give: unsupported.)"),
    ],
)
def test_a_block_is_what_a_person_reads(one: Json, text: str) -> None:
    assert render(one) == text


def test_lists_nest_and_count_and_are_steps_to_the_parser() -> None:
    text = render(
        text_block(1, "numbered_list_item", "Drain", children=True),
        text_block(2, "numbered_list_item", "Restart"),
        text_block(3, "paragraph", "Then"),
        text_block(4, "numbered_list_item", "Look"),
        inside={1: [text_block(5, "bulleted_list_item", "gently"), text_block(6, "code", "drain", language="shell")]},
    )

    assert text == "1. Drain\n\n   - gently\n\n   ```shell\n   drain\n   ```\n\n2. Restart\n\nThen\n\n1. Look"
    assert len(parse_markdown(text).sections[0].blocks) > 3


def test_a_nested_list_follows_its_item_at_once() -> None:
    text = render(
        text_block(1, "bulleted_list_item", "a", children=True),
        text_block(2, "bulleted_list_item", "b"),
        inside={1: [text_block(3, "bulleted_list_item", "deep")]},
    )

    assert text == "- a\n  - deep\n- b"


def test_a_table_keeps_its_cells() -> None:
    rows = [
        block(2, "table_row", cells=[rich("Host"), rich("Role")]),
        block(3, "table_row", cells=[rich("db|1"), rich("main\nreplica")]),
    ]

    text = render(block(1, "table", children=True, has_column_header=True), inside={1: rows})

    assert text == "| Host | Role |\n| --- | --- |\n| db\\|1 | main replica |"


def test_columns_and_toggles_are_read_in_order() -> None:
    text = render(
        block(1, "column_list", children=True),
        text_block(4, "toggle", "Details", children=True),
        inside={
            1: [block(2, "column", children=True), block(3, "column", children=True)],
            2: [text_block(5, "paragraph", "left")],
            3: [text_block(6, "paragraph", "right")],
            4: [text_block(7, "paragraph", "hidden")],
        },
    )

    assert text == "left\n\nright\n\nDetails\n\nhidden"


def test_the_signed_address_of_a_file_never_enters_the_text() -> None:
    kept = {"url": "https://files.example/abc/plan%20b.png?X-Amz-Signature=secret", "expiry_time": "2026-01-01"}

    text = render(block(1, "image", type="file", file=kept, caption=[]))

    assert text == "![plan b.png](https://files.example/abc/plan%20b.png)"


def test_code_links_and_struck_words_keep_their_marks() -> None:
    runs = [
        *rich("Run "),
        *rich("rm -rf /tmp/x", annotations={"code": True}),
        *rich(" see "),
        *rich("the page", href="/0123456789abcdef0123456789abcdef"),
        *rich(" or "),
        *rich("old way", annotations={"strikethrough": True}),
    ]

    text = render(block(1, "paragraph", rich_text=runs))

    link = "[the page](https://www.notion.so/0123456789abcdef0123456789abcdef)"
    assert text == f"Run `rm -rf /tmp/x` see {link} or ~~old way~~"


@pytest.mark.parametrize("words", ["# not a heading", "1. no list", "- no list", "> no quote", "<b>no tag", "```"])
def test_words_that_markdown_would_read_as_markup_stay_words(words: str) -> None:
    sections = parse_markdown(render(text_block(1, "paragraph", words), text_block(2, "paragraph", "more"))).sections

    assert [section.heading_path for section in sections] == [()]
    assert [one.kind.value for one in sections[0].blocks] == ["paragraph", "paragraph"]


def test_blocks_nested_without_end_stop() -> None:
    loop = Block.model_validate(text_block(1, "bulleted_list_item", "again", children=True))

    assert "nested deeper than is read" in render_blocks([loop], lambda one: [loop])
