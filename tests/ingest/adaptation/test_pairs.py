"""Pairs: where questions come from, which part they fall into, and what never becomes one."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from ingest.adaptation.pairs import Pair, PairKind, Recorded, mine_pairs
from ingest.adaptation.passage_table import Part, PassageTable, read_passages
from tests.ingest.adaptation.material import RULES, handbook, open_workshop, silent

LONG = " ".join(f"word{number}" for number in range(80))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[PassageTable, dict[Part, list[Pair]]]:
    """Return the passages and pairs of the handbook with rules, two near-duplicates and some odd pages."""
    pages = handbook()
    pages["rules/storage.yaml"] = RULES
    pages["notes/copy-one.md"] = f"# Same note\n\n{LONG}\n"
    pages["notes/copy-two.md"] = f"# Same note\n\n{LONG}\n"
    pages["notes/alert.md"] = "# CacheEvictionStorm\n\nThe cache evicts more than it keeps; add memory to it.\n"
    return mined(
        tmp_path_factory.mktemp("wiki"), pages, (Recorded("shop cannot write orders", "wiki/runbooks/disk-full.md"),)
    )


def mined(
    folder: Path, pages: Mapping[str, str | bytes], recorded: tuple[Recorded, ...] = ()
) -> tuple[PassageTable, dict[Part, list[Pair]]]:
    workshop = open_workshop(folder, pages)
    reader = workshop.store.open()
    table = read_passages(reader, workshop.embedder, workshop.cache, silent)
    pairs = mine_pairs(reader, table, recorded, silent)
    reader.close()
    workshop.close()
    return table, pairs


def everything(pairs: dict[Part, list[Pair]]) -> list[Pair]:
    return [pair for part in Part for pair in pairs[part]]


def one_with(query: str, pairs: dict[Part, list[Pair]]) -> Pair:
    return next(pair for pair in everything(pairs) if pair.query == query)


def path_of(pair: Pair, table: PassageTable) -> str:
    return table.stored[pair.rows[0]].document.path


def test_every_kind_of_question_is_found(found: tuple[PassageTable, dict[Part, list[Pair]]]) -> None:
    _, pairs = found

    assert {pair.kind for pair in everything(pairs)} == set(PairKind)


def test_no_family_is_in_two_parts(found: tuple[PassageTable, dict[Part, list[Pair]]]) -> None:
    table, pairs = found
    families = [{pair.family for pair in pairs[part]} for part in Part]

    assert all(families)
    assert sum(map(len, families)) == len(set().union(*families))
    assert all(table.parts[pair.family] is part for part in Part for pair in pairs[part])


def test_near_duplicates_are_one_family(found: tuple[PassageTable, dict[Part, list[Pair]]]) -> None:
    table, _ = found
    copies = {one.document.id for one in table.stored if one.document.path.startswith("notes/copy")}

    assert len(copies) == 2
    assert len({table.family_of(one) for one in copies}) == 1


def test_what_a_rule_says_of_an_alert_leads_to_its_runbook_and_hides_the_rule(
    found: tuple[PassageTable, dict[Part, list[Pair]]],
) -> None:
    table, pairs = found
    rule = one_with("No room is left on for new orders Writes of the shop will soon be refused everywhere", pairs)

    assert rule.kind is PairKind.RULE
    assert path_of(rule, table) == "runbooks/disk-full.md"
    assert [table.stored[row].document.path.split("#")[0] for row in rule.hidden] == ["rules/storage.yaml"]


def test_a_sentence_with_a_link_asks_for_the_page_it_points_at(
    found: tuple[PassageTable, dict[Part, list[Pair]]],
) -> None:
    table, pairs = found
    link = one_with("Trouble of this kind follows a slow queue upstream.", pairs)

    assert path_of(link, table) == "runbooks/queue-slow.md"
    assert table.stored[link.hidden[0]].document.id == link.origin[0] != table.stored[link.rows[0]].document.id


def test_a_recorded_question_counts_and_one_about_an_unknown_page_does_not(knowledge: Path) -> None:
    recorded = (Recorded("who mends it", "wiki/a.md"), Recorded("what of this one", "wiki/gone.md"))

    _, pairs = mined(knowledge, {"a.md": "# Mending it by hand\n\nText.\n"}, recorded)

    assert [pair.query for pair in everything(pairs) if pair.kind is PairKind.RECORDED] == ["who mends it"]


def test_words_that_stand_for_two_pages_are_no_question(knowledge: Path) -> None:
    pages = {"a.md": "# How to restart it\n\nFirst text.\n", "b.md": "# How to restart it\n\nQuite another.\n"}

    _, pairs = mined(knowledge, pages)

    assert everything(pairs) == []


def test_a_name_is_kept_as_a_guard_and_its_words_as_a_question(
    found: tuple[PassageTable, dict[Part, list[Pair]]],
) -> None:
    _, pairs = found

    assert one_with("CacheEvictionStorm", pairs).kind is PairKind.IDENTIFIER
    assert one_with("cache eviction storm", pairs).kind in (PairKind.ALERT, PairKind.TITLE)


def test_the_first_sentence_of_a_section_asks_for_the_rest_of_its_document_only(
    found: tuple[PassageTable, dict[Part, list[Pair]]],
) -> None:
    table, pairs = found
    sentence = one_with("Operators of the disk see that everything behind it is full today.", pairs)

    assert len(sentence.hidden) == 1
    assert not set(sentence.hidden) & set(sentence.rows)
    assert {table.stored[row].document.path for row in (*sentence.rows, *sentence.hidden)} == {"runbooks/disk-full.md"}


def test_an_empty_generation_like_page_gives_no_pairs(knowledge: Path) -> None:
    _, pairs = mined(knowledge, {"a.md": "# X\n\n`y`\n"})

    assert everything(pairs) == []
