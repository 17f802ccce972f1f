"""Passages are exact, ordered slices of a document, and nothing a person has to copy is ever cut."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.knowledge.documents import (
    Block,
    BlockKind,
    Document,
    DocumentFacts,
    DocumentKind,
    DocumentStatus,
    document_id,
)
from ingest.knowledge.passages import Passage
from ingest.parsing.markdown import parse_markdown
from ingest.splitting import MAX_CODE_CHARACTERS, MAX_TOKENS, header_line, split

WHOLE = (BlockKind.CODE, BlockKind.TABLE_HEADER, BlockKind.TABLE_ROW, BlockKind.STEP)

words = st.text(alphabet="abcdefg é🙂.", min_size=1, max_size=30).map(lambda text: f"w{text.strip()}x")
sentences = st.lists(words, min_size=1, max_size=40).map(lambda some: " ".join(some) + ".")
paragraphs = st.lists(sentences, min_size=1, max_size=12).map(" ".join)
headings = st.tuples(st.integers(1, 4), words).map(lambda one: "#" * one[0] + " " + one[1])
fences = st.lists(words, max_size=20).map(lambda lines: "\n".join(["```sh", *lines, "```"]))
steps = st.lists(sentences, min_size=1, max_size=6).map(
    lambda items: "\n".join(f"{number}. {item}" for number, item in enumerate(items, start=1))
)
nested = st.tuples(sentences, st.lists(sentences, min_size=1, max_size=4), fences).map(
    lambda one: "\n".join(
        [f"1. {one[0]}", *(f"   - {item}" for item in one[1]), "", *(f"   {line}" for line in one[2].split("\n"))]
    )
)
tables = st.lists(st.tuples(words, words), min_size=1, max_size=8).map(
    lambda rows: "\n".join(["| a | b |", "|---|---|", *(f"| {left} | {right} |" for left, right in rows)])
)
quotes = sentences.map(lambda text: f"> {text}")
documents = st.lists(
    st.one_of(headings, paragraphs, fences, steps, nested, tables, quotes), min_size=1, max_size=14
).map(lambda blocks: "\n\n".join(blocks) + "\n")


@given(documents)
@settings(max_examples=120, deadline=None)
def test_passages_of_any_document_keep_every_rule(text: str) -> None:
    """One test for all of them: most of its time goes into drawing documents."""
    document = parsed(text)

    passages = split(document, count_words)

    passages_are_ordered_slices_that_do_not_overlap_and_lie_in_one_section(document, passages)
    lines_of_a_passage_are_those_an_editor_shows(document, passages)
    everything_but_bare_headings_is_in_some_passage(document, passages)
    fences_table_rows_and_steps_that_fit_are_never_cut(document, passages)
    the_blocks_of_a_passage_lie_within_it(passages)


def passages_are_ordered_slices_that_do_not_overlap_and_lie_in_one_section(
    document: Document, passages: list[Passage]
) -> None:
    for number, passage in enumerate(passages):
        assert passage.ordinal == number
        assert passage.text == document.text[passage.span.start : passage.span.end]
        assert passage.text.strip()
        assert any(
            section.span.start <= passage.span.start and passage.span.end <= section.span.end
            for section in document.sections
        )
    for before, after in pairwise(passages):
        assert before.span.end <= after.span.start
    assert len({passage.id for passage in passages}) == len(passages)


def lines_of_a_passage_are_those_an_editor_shows(document: Document, passages: list[Passage]) -> None:
    for passage in passages:
        assert passage.span.line_start == document.text.count("\n", 0, passage.span.start) + 1
        assert passage.span.line_end == document.text.count("\n", 0, passage.span.end - 1) + 1


def everything_but_bare_headings_is_in_some_passage(document: Document, passages: list[Passage]) -> None:
    covered = "".join("#" if in_any(passages, at) else character for at, character in enumerate(document.text))

    for section in document.sections:
        for block in section.blocks:
            if block.kind is not BlockKind.HEADING:
                left = covered[block.span.start : block.span.end].replace("#", "")
                assert not left.strip(), f"{block} is not covered: {left!r}"


def fences_table_rows_and_steps_that_fit_are_never_cut(document: Document, passages: list[Passage]) -> None:
    for section in document.sections:
        room = max(80, MAX_TOKENS - len(header_line("Title", section.heading_path).split()))
        for block in section.blocks:
            if block.kind in WHOLE and len(document.text[block.span.start : block.span.end].split()) <= room:
                assert holders(passages, block) <= 1, f"{block} is cut"


def the_blocks_of_a_passage_lie_within_it(passages: list[Passage]) -> None:
    for passage in passages:
        for block in passage.blocks:
            assert passage.span.start <= block.span.start
            assert block.span.end <= passage.span.end


def test_a_fence_over_the_room_of_a_passage_stays_whole_up_to_its_own_limit() -> None:
    fence = "```\n" + "\n".join(f"line {number} of data" for number in range(200)) + "\n```"

    passages = split(parsed(f"# Title\n\nBefore.\n\n{fence}\n\nAfter.\n"), count_words)

    assert [passage for passage in passages if fence in passage.text]


def test_a_fence_beyond_its_limit_is_cut_between_lines() -> None:
    lines = [f"line {number:05} of data" for number in range(MAX_CODE_CHARACTERS // 10)]

    passages = split(parsed("# T\n\n```\n" + "\n".join(lines) + "\n```\n"), count_words)

    assert len(passages) > 1
    assert [line for line in lines if not any(line in passage.text.split("\n") for passage in passages)] == []


def test_a_word_without_end_is_cut_rather_than_lost() -> None:
    word = "x" * 40_000

    passages = split(parsed(word + "\n"), lambda texts: [len(text) // 4 for text in texts])

    assert "".join(passage.text for passage in passages) == word


def test_a_section_of_nothing_but_its_heading_gives_no_passage() -> None:
    passages = split(parsed("# Title\n\n## Empty\n\n## Full\n\nText.\n"), count_words)

    assert [passage.heading_path for passage in passages] == [("Title", "Full")]


def test_a_document_of_nothing_but_headings_is_indexed_by_them() -> None:
    passages = split(parsed("# Title\n\n## Part\n"), count_words)

    assert [passage.text for passage in passages] == ["# Title", "## Part"]


def test_small_blocks_share_a_passage_until_it_is_full() -> None:
    text = "\n\n".join(["word " * 49 + "end."] * 9)

    passages = split(parsed(text + "\n"), count_words)

    assert [len(passage.text.split()) for passage in passages] == [200, 200, 50]


def test_the_header_names_title_and_headings_once() -> None:
    assert header_line("Disk Full", ("disk full", "Verify")) == "Disk Full > Verify"
    assert header_line("Disk Full", ("Diagnosis",)) == "Disk Full > Diagnosis"
    assert header_line("Disk Full", ()) == "Disk Full"


def test_identifiers_in_the_text_are_folded_and_kept_with_the_passage() -> None:
    (passage,) = split(parsed("# T\n\nKubePodCrashLooping fires on `kube_pod_status`.\n"), count_words)

    assert passage.identifiers == ("kubepodcrashlooping", "kubepodstatus")


def parsed(text: str) -> Document:
    result = parse_markdown(text)
    own_id = document_id("s", "p.md")
    facts = DocumentFacts(own_id, "s", "p.md", "Title", DocumentKind.RUNBOOK, DocumentStatus.CURRENT, "r1")
    return Document(facts, result.text, result.sections)


def count_words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def in_any(passages: list[Passage], at: int) -> bool:
    return any(passage.span.start <= at < passage.span.end for passage in passages)


def holders(passages: list[Passage], block: Block) -> int:
    """Return how many passages hold some of a block."""
    return sum(one.span.start < block.span.end and block.span.start < one.span.end for one in passages)


def test_a_nested_item_that_is_too_long_is_opened_too() -> None:
    long = "Some words follow here. " * 120
    text = f"# T\n\n- outer\n  - {long}\n  - short\n"
    parsed = parse_markdown(text)
    facts = DocumentFacts("d", "s", "a.md", "T", DocumentKind.RUNBOOK, DocumentStatus.CURRENT, "r")

    passages = split(Document(facts, text, parsed.sections), lambda texts: [len(t.split()) for t in texts])

    assert max(len(passage.text.split()) for passage in passages) < 300
    assert all(text[p.span.start : p.span.end] == p.text for p in passages)
