"""Tests for the second look at the questions from outside."""

from evals.outside import LABELS, KeptValues, ReadLabel, figures, relabel, right_cases
from evals.quality.declaration import BUILT_IN, find_suites
from evals.quality.probes import Selection, load_probes
from evals.questions import read_rows


def test_a_case_whose_document_was_read_as_right_counts_as_confirmed() -> None:
    values = {"confidence": 0.7, "confidence confirmed": 0.0, "right document cited": 0.0}

    assert relabel(values) == {"confidence": 0.7, "confidence confirmed": 1.0, "right document cited": 1.0}


def test_what_answers_after_all_need_not_be_withheld() -> None:
    assert relabel({"withheld where left out": 0.0}) == {}


def test_a_label_counts_only_for_the_document_that_was_read() -> None:
    labels = [
        ReadLabel(id="a", doc_path="x.md", label=2, why="-"),
        ReadLabel(id="b", doc_path="y.md", label=2, why="-"),
    ]

    assert right_cases(labels, {"a": "x.md", "b": "other.md"}) == {"a"}


def test_both_labellings_are_reported_side_by_side() -> None:
    cases = [
        KeptValues(suite="outside", id="a", values={"right document cited": 0.0}),
        KeptValues(suite="outside", id="b", values={"right document cited": 1.0}),
    ]

    cited = figures(cases, frozenset({"a"}))[0]

    assert cited.named is not None
    assert cited.read is not None
    assert (cited.named.value, cited.read.value) == (0.5, 1.0)


def test_the_suite_holds_ninety_questions_of_documents_and_sixty_of_foreign_products() -> None:
    suite = next(one for one in find_suites() if one.name == "outside")

    probes = load_probes(suite, Selection())

    assert BUILT_IN in suite.folder.parents
    assert sum(bool(probe.right) for probe in probes) == 90
    assert sum(not probe.right for probe in probes) == 60


def test_every_label_belongs_to_a_question_of_the_suite() -> None:
    suite = next(one for one in find_suites() if one.name == "outside")
    asked = {probe.id for probe in load_probes(suite, Selection())}

    assert {one.id.removesuffix(" (left out)") for one in read_rows(LABELS, ReadLabel)} <= asked
