"""The sample handbook holds what its questions ask for, and its binary files can be built again."""

import io
import json
import re
import zipfile
from collections import Counter
from dataclasses import dataclass
from functools import cache
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import docx
import pypdf
import pytest
import yaml

from evals.build_handbook import HERE, build_docx, build_pdf, read_blocks

HANDBOOK = HERE / "handbook"
SOURCES = HERE / "handbook_sources"
DOCUMENTS = sorted(path.relative_to(HANDBOOK).as_posix() for path in HANDBOOK.rglob("*.*") if path.parent != HANDBOOK)


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    kind: str
    query: str
    doc_path: str | None
    also_relevant: list[str]
    must_quote: str | None


def _questions() -> list[Question]:
    lines = (HERE / "handbook_questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [Question(**json.loads(line)) for line in lines]


@cache
def _text(path: str) -> str:
    """What a reader sees of a document; Markdown is taken raw."""
    file = HANDBOOK / path
    if file.suffix == ".pdf":
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(file).pages)
    if file.suffix == ".docx":
        document = docx.Document(str(file))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
    text = file.read_text(encoding="utf-8")
    return unescape(re.sub(r"<[^>]+>", "", text)) if file.suffix == ".html" else text


def _front_matter(path: str) -> dict[str, object]:
    match = re.match(r"---\n(.*?)\n---\n", _text(path), re.DOTALL)
    return dict(yaml.safe_load(match[1])) if match else {}


def _asks_about_a_document(question: Question) -> bool:
    return question.kind != "unanswerable"


QUESTIONS = _questions()
WITH_DOCUMENT = [question for question in QUESTIONS if _asks_about_a_document(question)]


def test_the_handbook_has_runbooks_architecture_and_postmortems() -> None:
    folders = Counter(path.split("/")[0] for path in DOCUMENTS)

    assert folders == {"runbooks": 12, "architecture": 5, "postmortems": 5}


def test_the_handbook_comes_in_four_formats() -> None:
    formats = Counter(Path(path).suffix for path in DOCUMENTS)

    assert formats == {".md": 19, ".html": 1, ".docx": 1, ".pdf": 1}


def test_the_index_page_links_every_document_and_nothing_else() -> None:
    links = re.findall(r"\]\(([^)]+)\)", (HANDBOOK / "README.md").read_text(encoding="utf-8"))

    assert sorted(links) == DOCUMENTS


@pytest.mark.parametrize("path", [path for path in DOCUMENTS if path.endswith(".md")])
def test_links_between_documents_lead_somewhere(path: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", _text(path)) if not urlsplit(link).scheme]

    assert [link for link in links if not (HANDBOOK / path).parent.joinpath(link).is_file()] == []


@pytest.mark.parametrize("path", [path for path in DOCUMENTS if path.endswith(".md")])
def test_every_fence_of_a_document_is_closed(path: str) -> None:
    fences = re.findall(r"^[ >]*```", _text(path), re.MULTILINE)

    assert len(fences) % 2 == 0


def test_the_superseded_runbook_names_a_current_one() -> None:
    superseded = [path for path in DOCUMENTS if path.endswith(".md") and "superseded_by" in _front_matter(path)]

    assert superseded == ["runbooks/redis-cart-manual-failover.md"]
    assert _front_matter(str(_front_matter(superseded[0])["superseded_by"]))["status"] == "current"


def test_one_runbook_is_deprecated() -> None:
    states = {path: _front_matter(path).get("status") for path in DOCUMENTS if path.endswith(".md")}

    assert [path for path, state in states.items() if state == "deprecated"] == ["runbooks/deploy-with-jenkins.md"]


def test_the_questions_start_with_those_of_the_demo() -> None:
    assert [question.id for question in QUESTIONS[:3]] == [
        "demo-answerable",
        "demo-partial",
        "demo-unanswerable",
    ]
    assert [question.kind for question in QUESTIONS[:3]] == ["answerable", "partial", "unanswerable"]


def test_questions_of_every_kind_are_there() -> None:
    kinds = Counter(question.kind for question in QUESTIONS)

    assert kinds == {"answerable": 25, "partial": 6, "conflict": 4, "unanswerable": 8}


def test_no_two_questions_share_an_id() -> None:
    assert len({question.id for question in QUESTIONS}) == len(QUESTIONS)


@pytest.mark.parametrize("question", WITH_DOCUMENT, ids=lambda question: question.id)
def test_the_text_to_be_quoted_stands_in_the_document(question: Question) -> None:
    assert question.doc_path in DOCUMENTS
    assert set(question.also_relevant) <= set(DOCUMENTS) - {question.doc_path}
    assert question.must_quote
    assert question.must_quote in _text(question.doc_path)


@pytest.mark.parametrize(
    "question",
    [question for question in QUESTIONS if question not in WITH_DOCUMENT],
    ids=lambda question: question.id,
)
def test_an_unanswerable_question_has_no_document(question: Question) -> None:
    assert (question.doc_path, question.also_relevant, question.must_quote) == (None, [], None)


@pytest.mark.parametrize(
    "name",
    [
        "CheckoutQueueStuck",
        "RedisSessionMasterDown",
        "PAY-4077",
        "INC-0399",
        "Kafka",
        "MongoDB",
        "wishlist",
        "Istio",
        "Snowflake",
        "rotate",
        "cipher",
        "discount",
        "Tableau",
        "Erlang",
    ],
)
def test_what_no_document_can_answer_is_named_in_none(name: str) -> None:
    assert [path for path in DOCUMENTS if name.casefold() in _text(path).casefold()] == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            ("runbooks/checkout-latency-high.md", "at most 20 connections per pod"),
            ("architecture/data-stores.md", "at most 30 connections per pod"),
        ),
        (
            ("runbooks/redis-cart-failover.md", "master down after 30 seconds"),
            ("architecture/data-stores.md", "master down after 5 seconds"),
        ),
        (
            ("runbooks/inventory-drift.md", "fetches it every 5 minutes"),
            ("architecture/messaging.md", "warehouse feed every 15 minutes"),
        ),
    ],
)
def test_two_current_documents_disagree(first: tuple[str, str], second: tuple[str, str]) -> None:
    for path, claim in (first, second):
        assert claim in _text(path)
        assert _front_matter(path).get("status", "current") == "current"
    assert any({question.doc_path, *question.also_relevant} == {first[0], second[0]} for question in QUESTIONS)


def test_building_the_pdf_again_gives_the_same_bytes() -> None:
    built = build_pdf(read_blocks(SOURCES / "double-charges.txt"))

    assert built == (HANDBOOK / "postmortems/2026-04-03-double-charges.pdf").read_bytes()


def test_building_the_docx_again_gives_the_same_entries_with_the_same_dates() -> None:
    built = build_docx(read_blocks(SOURCES / "order-flow.txt"))

    assert _entries(built) == _entries((HANDBOOK / "architecture/order-flow.docx").read_bytes())


def test_the_pdf_has_text_on_each_of_its_pages() -> None:
    pages = pypdf.PdfReader(HANDBOOK / "postmortems/2026-04-03-double-charges.pdf").pages

    assert len(pages) >= 2
    assert all(len(page.extract_text()) > 500 for page in pages)


def test_the_docx_has_heading_styles_a_numbered_list_and_tables() -> None:
    document = docx.Document(str(HANDBOOK / "architecture/order-flow.docx"))
    styles = {paragraph.style.name for paragraph in document.paragraphs if paragraph.style}

    assert {"Heading 1", "Heading 2", "Heading 3", "List Number"} <= styles
    assert len(document.tables) == 3


def _entries(content: bytes) -> list[tuple[str, tuple[int, ...], bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return [(entry.filename, entry.date_time, file.read(entry)) for entry in file.infolist()]
