"""What site generators write between the Markdown is markup; what it holds is content, with its raw places."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.knowledge.documents import BlockKind
from ingest.parsing.markdown import parse_markdown

_CONTENT = frozenset(BlockKind) - {BlockKind.HTML}


def blocks(text: str) -> list[tuple[str, int, str]]:
    """Return kind, depth and raw text of all blocks that are content."""
    return [
        (block.kind.value, block.depth, text[block.span.start : block.span.end])
        for section in parse_markdown(text).sections
        for block in section.blocks
        if block.kind in _CONTENT
    ]


def markup(text: str) -> list[str]:
    return [
        text[block.span.start : block.span.end]
        for section in parse_markdown(text).sections
        for block in section.blocks
        if block.kind is BlockKind.HTML
    ]


def test_the_body_of_an_admonition_is_content_and_its_title_a_paragraph() -> None:
    code = "        ```sh\n        halt\n        ```"
    text = f'!!! warning "Stop first"\n    Read this.\n\n    1. Stop it:\n\n{code}\n\nAfter.\n'

    assert blocks(text) == [
        ("paragraph", 0, "Stop first"),
        ("paragraph", 0, "Read this."),
        ("step", 0, f"1. Stop it:\n\n{code}"),
        ("paragraph", 1, "1. Stop it:"),
        ("code", 1, code),
        ("paragraph", 0, "After."),
    ]


def test_an_admonition_within_a_step_stays_in_the_step() -> None:
    text = "1. Drain it\n\n    !!! note\n        Slowly.\n\n2. Stop it\n"

    found = blocks(text)

    assert ("paragraph", 1, "Slowly.") in found
    assert [raw for kind, _, raw in found if kind == "step"] == [
        "1. Drain it\n\n    !!! note\n        Slowly.",
        "2. Stop it",
    ]


def test_a_step_ends_before_the_tab_that_follows_it() -> None:
    text = '1. Install it\n\n    === "Linux"\n\n        1. Run it\n\n    === "macOS"\n\n        1. Click it\n'

    assert [(depth, raw) for kind, depth, raw in blocks(text) if kind == "step"] == [
        (0, text.strip()),
        (1, "1. Run it"),
        (1, "1. Click it"),
    ]


def test_nested_admonitions_and_collapsed_ones_are_opened() -> None:
    text = '??? note "Outer"\n    Text.\n\n    !!! danger\n        Inner.\n'

    assert [raw for _, _, raw in blocks(text)] == ["Outer", "Text.", "Inner."]


def test_a_cry_in_the_text_is_no_admonition() -> None:
    assert blocks("!!! do not do this\nreally\n") == [("paragraph", 0, "!!! do not do this\nreally")]


def test_a_rule_right_after_an_admonition_makes_no_heading_of_it() -> None:
    assert blocks("!!! note\n    Text.\n---\n") == [("paragraph", 0, "Text.")]


def test_the_indented_body_of_a_container_is_no_code() -> None:
    assert blocks(":::warning\n    Stop\n    first.\n:::\n") == [("paragraph", 0, "Stop\n    first.")]


def test_tabs_hold_content_and_their_title() -> None:
    text = '=== "Linux"\n\n    1. Run it\n\n=== "macOS"\n\n    1. Click it\n'

    assert blocks(text) == [
        ("paragraph", 0, "Linux"),
        ("step", 0, "1. Run it"),
        ("paragraph", 0, "macOS"),
        ("step", 0, "1. Click it"),
    ]


@pytest.mark.parametrize(
    ("opening", "closing", "title"),
    [
        (":::note", ":::", []),
        (":::info[Before you start]", ":::", ["Before you start"]),
        (":::tip My advice", ":::", ["My advice"]),
        ("::: {.warning}", ":::", []),
        (":::{note}\n:class: wide", ":::", []),
        ("```{warning} Mind this", "```", ["Mind this"]),
        ("````{tab-item} AWS\n:sync: aws", "````", ["AWS"]),
        ("{{< note >}}", "{{< /note >}}", []),
        ('{{% alert title="Mind this" color="warning" %}}', "{{% /alert %}}", ["Mind this"]),
        ('{{< tab name="Debian" >}}', "{{< /tab >}}", ["Debian"]),
        ("{{% tab Logs %}}", "{{% /tab %}}", ["Logs"]),
        ("{% if page.beta %}", "{% endif %}", []),
        ("<% if repo.pages %>", "<% end %>", []),
        ("{{< figure src='a.png'\n  title='A' >}}", "{{/* hidden */}}", []),
        ("<Tabs>\n<TabItem value='a'>", "</TabItem>\n</Tabs>", []),
        ('import Tabs from "@theme/Tabs";\n', "", []),
        ("export const x = 1;\n", "", []),
        ("{/* for writers */}", "{: .note}", []),
    ],
)
def test_the_lines_around_content_are_markup(opening: str, closing: str, title: list[str]) -> None:
    text = f"{opening}\nSome words.\n{closing}\n"

    assert blocks(text) == [("paragraph", 0, words) for words in (*title, "Some words.")]


def test_markup_lines_are_blocks_of_their_own_so_that_no_gap_is_read_as_text() -> None:
    assert markup("{{< note >}}\nText.\n{{< /note >}}\n") == ["{{< note >}}", "{{< /note >}}"]


def test_a_shortcode_between_two_steps_does_not_break_the_list() -> None:
    text = '1. One\n   {{< codenew file="a.yaml" >}}\n2. Two\n'

    assert [raw for kind, depth, raw in blocks(text) if kind == "step" and depth == 0][1] == "2. Two"


def test_a_box_in_one_paragraph_is_freed_of_its_tags() -> None:
    assert blocks("{{< note >}}Mind the gap.{{< /note >}}\n") == [("paragraph", 0, "Mind the gap.")]


def test_a_tag_that_prints_words_is_content() -> None:
    text = 'Each\n{{< glossary_tooltip text="Pod" >}}\nis stopped.\n'

    assert blocks(text) == [("paragraph", 0, text.strip())]


@pytest.mark.parametrize(
    ("opening", "closing"),
    [("{{< mermaid >}}", "{{< /mermaid >}}"), ("{% highlight sh %}", "{% endhighlight %}")],
)
def test_what_a_code_tag_holds_is_code(opening: str, closing: str) -> None:
    assert blocks(f"{opening}\n# one\n\ntwo\n{closing}\n") == [("code", 0, "# one\n\ntwo")]


def test_hidden_words_are_no_content() -> None:
    assert blocks("A.\n\n{{< comment >}}\nSecret plan.\n{{< /comment >}}\n\nB.\n") == [
        ("paragraph", 0, "A."),
        ("paragraph", 0, "B."),
    ]


def test_a_list_of_pages_is_no_content() -> None:
    assert blocks("A.\n\n```{toctree}\none\ntwo\n```\n") == [("paragraph", 0, "A.")]


def test_the_label_of_an_alert_is_markup_within_its_quote() -> None:
    text = "> [!WARNING]\n> Stop the writers.\n"

    assert blocks(text) == [("quote", 0, text.strip()), ("paragraph", 1, "> Stop the writers.")]
    assert markup(text) == ["> [!WARNING]"]


@pytest.mark.parametrize(
    "code",
    [
        "```yaml\n{% if x %}\n:::note\n!!! note\n    a\n```",
        "    {% if x %}\n    a: 1\n    {% endif %}",
        "    <Config>\n      a\n    </Config>",
        "~~~\n```{note}\na\n```\n~~~",
    ],
)
def test_code_stays_code_whatever_it_shows(code: str) -> None:
    assert blocks(f"See:\n\n{code}\n\nDone.\n") == [
        ("paragraph", 0, "See:"),
        ("code", 0, code),
        ("paragraph", 0, "Done."),
    ]


def test_a_tag_within_html_does_not_break_it() -> None:
    text = "<ul>\n<% items.each do |item| %>\n    <li><%= item %></li>\n<% end %>\n</ul>\n"

    assert blocks(text) == []
    assert markup(text) == [text.strip()]


def test_the_indented_body_of_a_box_is_no_code() -> None:
    assert blocks("{{< note >}}\n    Avoid it.\n{{< /note >}}\n") == [("paragraph", 0, "Avoid it.")]


def test_a_placeholder_in_angle_brackets_is_text() -> None:
    assert markup("<Name> of the host\n\nexport HUB=1\n") == []


def test_the_content_of_a_component_is_no_indented_code() -> None:
    text = "<Steps>\n    Do this.\n\n    1. Stop it\n</Steps>\n"

    assert blocks(text) == [("paragraph", 0, "Do this."), ("step", 0, "1. Stop it")]


def test_a_heading_that_is_a_tag_is_called_by_its_argument() -> None:
    (section,) = parse_markdown('## {{% heading "prerequisites" %}}\n\nA cluster.\n').sections

    assert section.heading_path == ("prerequisites",)


def test_a_section_of_markup_only_has_no_content() -> None:
    first, _ = parse_markdown('# A\n\n{{< include "x.md" >}}\n\n# B\n\nWords.\n').sections

    assert [block.kind for block in first.blocks] == [BlockKind.HEADING]


_PIECES = [
    "!!! note\n",
    '=== "A"\n',
    "    ",
    ":::\n",
    ":::note[T]\n",
    "```{note} T\n",
    "```\n",
    "> [!NOTE]\n",
    "{{< note >}}\n",
    "{{< tab name='a' >}}",
    "{{< mermaid >}}\n",
    "{{< /mermaid >}}\n",
    "{{< comment >}}\n",
    "{% if\n",
    "%}\n",
    "<Tabs>\n",
    "</Tabs>\n",
    "<!--",
    "-->",
    "1. ",
    "- ",
    "# ",
    "\n",
    "\t",
    "words ",
    "---\n",
]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=24).map("".join))
def test_any_heap_of_dialects_keeps_spans_in_order_and_in_their_section(text: str) -> None:
    end = 0
    for section in parse_markdown(text).sections:
        assert section.span.start >= end
        end = section.span.end
        starts = [block.span.start for block in section.blocks]
        assert starts == sorted(starts)
        for block in section.blocks:
            assert section.span.start <= block.span.start < block.span.end <= section.span.end
            assert text[block.span.start : block.span.end].strip()
            assert block.span.line_start == text.count("\n", 0, block.span.start) + 1


@pytest.mark.parametrize(
    "piece",
    ["{{< note >}}", "{{< note >}}x", "{% highlight %}\n", "!!! a\n", "<Tabs>\n", "```{note}\n", "<!--\n", "<% "],
)
def test_hostile_repetition_takes_no_time(piece: str) -> None:
    began = time.process_time()
    parse_markdown(piece * 3000 + "end")

    assert time.process_time() - began < 5
