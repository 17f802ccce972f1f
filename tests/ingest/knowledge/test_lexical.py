"""The sparse vectors: BM25 weights as published, and names that weigh by where they stand."""

import pytest

from ingest.knowledge.index import SparseVector
from ingest.knowledge.lexical import LexicalEncoder, mean_length, passage_identifiers, query_identifiers


def test_a_term_weighs_as_bm25_says() -> None:
    vector = LexicalEncoder(average_length=4.0).passage("disk disk full pump")

    # tf (k + 1) / (tf + k (1 - b + b length / average)), k = 1.2, here with length = average
    assert sorted(vector.values) == pytest.approx([1.0, 1.0, 2 * 2.2 / (2 + 1.2)])


def test_terms_of_a_long_passage_weigh_less() -> None:
    encoder = LexicalEncoder(average_length=4.0)
    short, long = encoder.passage("disk full"), encoder.passage("disk full " + "and other words " * 10)

    assert weight(short, term(encoder, "disk")) > weight(long, term(encoder, "disk"))


def test_the_mean_length_counts_terms_also_repeated_ones() -> None:
    assert mean_length(["disk disk disk full", "cpu high"]) == pytest.approx(3.0)
    assert mean_length([]) == 1.0


def test_a_query_term_matches_in_any_case_and_weighs_one() -> None:
    encoder = LexicalEncoder(10.0)

    query = encoder.query("Disk")

    assert query == SparseVector((term(encoder, "disk"),), (1.0,))


def test_a_snake_case_name_is_found_whole_and_by_its_words() -> None:
    encoder = LexicalEncoder(10.0)
    passage = set(encoder.passage("http_requests_total is high").indices)

    assert set(encoder.query("http_requests_total").indices) <= passage
    assert term(encoder, "requests") in passage


def test_a_name_in_the_title_weighs_more_than_in_a_heading_and_there_more_than_in_the_body() -> None:
    vector = passage_identifiers("DiskFull", "notes", ["CpuHigh"], ["netdown"])

    def of(key: str) -> float:
        (number,) = query_identifiers({key: 1.0}).indices
        return weight(vector, number)

    assert of("diskfull") > of("cpuhigh") > of("netdown") > 0


def test_a_title_of_words_is_found_by_the_name_it_spells() -> None:
    vector = passage_identifiers("Kube pod crash looping", "x1", [], [])

    (number,) = query_identifiers({"kubepodcrashlooping": 1.0}).indices
    assert number in vector.indices


def test_terms_of_an_identifier_vector_are_unique_and_in_order() -> None:
    vector = passage_identifiers("DiskFull disk full", "disk-full", ["DiskFull"], ["diskfull", "other"])

    assert list(vector.indices) == sorted(set(vector.indices))


def term(encoder: LexicalEncoder, word: str) -> int:
    (number,) = encoder.query(word).indices
    return number


def weight(vector: SparseVector, number: int) -> float:
    return dict(zip(vector.indices, vector.values, strict=True))[number]
