"""Tests of example questions: worded for what the document is."""

import pytest

from ingest.knowledge.documents import DocumentKind
from tests.ui.material import DISK
from ui.screens.ask_start import EXAMPLES, example_questions


@pytest.mark.parametrize(
    ("kind", "title", "question"),
    [
        ("runbook", "KubePodCrashLooping", "What do I do when KubePodCrashLooping fires?"),
        ("runbook", "Checkout is slow (CheckoutLatencyHigh)", "What do I do when CheckoutLatencyHigh fires?"),
        ("runbook", "Runbook: the disk is full.", "What do I do when the disk is full?"),
        ("runbook", "Redis failover", "Which steps are there for “Redis failover”?"),
        ("postmortem", "Postmortem: carts lost", "What caused “carts lost”?"),
        ("architecture", "Data stores", "What should I know about “Data stores”?"),
    ],
)
def test_a_question_fits_the_kind_and_title_of_its_document(kind: str, title: str, question: str) -> None:
    document = DISK.summary().model_copy(update={"kind": DocumentKind(kind), "title": title})

    assert example_questions([document]) == [question]


def test_there_are_no_more_than_a_few_examples() -> None:
    assert len(example_questions([DISK.summary()] * 9)) == EXAMPLES
