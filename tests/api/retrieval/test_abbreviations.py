"""What abbreviations stand for is read from the passages that define them, and only from those one may see."""

from pathlib import Path

import pytest

from api.retrieval.abbreviations import Abbreviations, definitions, long_form
from api.retrieval.search import Searcher
from ingest.knowledge.passages import PassageFilter, StoredPassage
from tests.small_knowledge import build_knowledge

EVERYWHERE = PassageFilter()
FILES = {
    "restore.md": "# Restore\n\nWe keep logs for point in time recovery (PITR) of the orders database.\n",
    "scaling.md": "# Scaling\n\nThe Horizontal Pod Autoscaler (HPA) adds pods when CPU is high.\n",
    "other.md": "# Other\n\nHPA: happy people assembly. It meets on Friday.\n",
    "limits.md": "# Limits\n\nThe HPA is the Horizontal Pod Autoscaler (HPA); it stops at 20 pods.\n",
}


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    return build_knowledge(tmp_path_factory.mktemp("abbreviations"), FILES)


@pytest.fixture
def abbreviations(searcher: Searcher) -> Abbreviations:
    def holding(word: str, where: PassageFilter) -> list[StoredPassage]:
        return [hit.stored for hit in searcher.search(word, limit=20, where=where, per_document=5)]

    return Abbreviations(holding)


@pytest.mark.parametrize(
    ("short", "text", "found"),
    [
        ("PITR", "We use point in time recovery (PITR) daily.", ["point in time recovery"]),
        ("PITR", "PITR (point-in-time recovery) is on.", ["point-in-time recovery"]),
        ("HPA", "**HPA**: Horizontal Pod Autoscaler scales pods", ["Horizontal Pod Autoscaler"]),
        ("OOM", "OOM stands for out of memory", ["out of memory"]),
        ("EC2", "Elastic Compute Cloud (EC2) hosts", ["Elastic Compute Cloud"]),
        ("CRD", "Custom Resource Definitions (CRDs)", ["Custom Resource Definitions"]),
        ("OOM", "OOM (see below for what to do)", []),
        ("API", "the service (API)", []),
        ("PITR", "", []),
    ],
)
def test_a_definition_is_read_where_its_letters_fit(short: str, text: str, found: list[str]) -> None:
    assert definitions(short, text) == found


def test_letters_that_are_not_there_give_no_long_form() -> None:
    assert long_form("XYZ", "the horizontal pod autoscaler") == ""


def test_the_long_form_that_most_documents_give_counts(abbreviations: Abbreviations) -> None:
    assert abbreviations.meaning("HPA", EVERYWHERE) == "Horizontal Pod Autoscaler"
    assert abbreviations.meaning("NOPE", EVERYWHERE) == ""


def test_a_question_gets_the_words_of_its_abbreviation(abbreviations: Abbreviations) -> None:
    words = abbreviations.other_words("How do I do a PITR of the database?", EVERYWHERE, lambda _: True)

    assert words == ("point", "time", "recovery")


def test_a_question_with_the_long_form_gets_its_abbreviation(abbreviations: Abbreviations) -> None:
    asked = "Why does the horizontal pod autoscaler not scale?"

    assert abbreviations.other_words(asked, EVERYWHERE, lambda _: True) == ("hpa",)
    assert abbreviations.other_words(asked, EVERYWHERE, lambda _: False) == ()


def test_a_text_in_capitals_has_no_abbreviations(abbreviations: Abbreviations) -> None:
    assert abbreviations.other_words("HPA AND PITR ARE BOTH DOWN NOW", EVERYWHERE, lambda _: True) == ()


def test_a_document_that_may_not_be_seen_defines_nothing(searcher: Searcher, abbreviations: Abbreviations) -> None:
    defining = [hit.stored.document.id for hit in searcher.search("PITR", limit=5)]

    assert abbreviations.meaning("PITR", PassageFilter(exclude_documents=tuple(defining))) == ""


def test_search_finds_what_only_spells_the_abbreviation_out(tmp_path: Path) -> None:
    told = {
        "glossary.md": "# Terms\n\nDisaster Backup Tool (DBT).\n",
        "tool.md": "# The tool\n\nA disaster backup tool.\n",
    }
    searcher = build_knowledge(tmp_path, told)

    assert {hit.stored.document.path for hit in searcher.search("DBT", limit=5)} >= {"glossary.md", "tool.md"}
