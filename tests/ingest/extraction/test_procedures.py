"""Ordered lists and numbered headings become procedures; what only looks like one does not."""

from ingest.extraction.procedures import find_procedures
from ingest.knowledge.documents import DocumentKind
from ingest.knowledge.extracts import Procedure
from ingest.knowledge.spans import LineIndex
from tests.ingest.extraction.material import document_of, shown


def _procedures(text: str, kind: DocumentKind = DocumentKind.RUNBOOK) -> tuple[Procedure, ...]:
    document = document_of(text, kind=kind)
    return find_procedures(document, LineIndex.of(document.text))


def test_steps_keep_their_order_and_their_commands() -> None:
    text = (
        "# Restart\n\n1. Look at the pods:\n\n   ```bash\n   $ kubectl get pods\n   NAME READY\n   ```\n"
        "2. Delete the stuck one with `kubectl delete pod cart-0`.\n3. Check the page.\n"
    )

    (procedure,) = _procedures(text)

    assert procedure.title == "Restart"
    assert [step.commands for step in procedure.steps] == [("kubectl get pods",), ("kubectl delete pod cart-0",), ()]
    assert procedure.steps[1].destroys == "deletes or evicts Kubernetes objects"
    assert procedure.destructive


def test_the_span_of_a_step_shows_the_step_with_its_code() -> None:
    document = document_of("# Do\n\n1. Run it:\n\n   ```sh\n   make x\n   ```\n2. Stop it.\n")

    (procedure,) = find_procedures(document, LineIndex.of(document.text))

    assert shown(document, procedure.steps[0].span).startswith("1. Run it:")
    assert "make x" in shown(document, procedure.steps[0].span)
    assert procedure.steps[0].text == "Run it:"


def test_a_list_goes_on_over_code_that_was_not_indented() -> None:
    text = "# Do\n\n1. Run this\n\n```sh\nmake a\n```\n\n2. Then run that\n\n```sh\nmake b\n```\n"

    (procedure,) = _procedures(text)

    assert [step.commands for step in procedure.steps] == [("make a",), ("make b",)]


def test_two_lists_under_one_heading_are_two_procedures() -> None:
    text = "# Do\n\n1. Open a\n2. Close a\n\nOr:\n\n1. Open b\n2. Close b\n"

    assert len(_procedures(text)) == 2


def test_headings_named_step_form_a_procedure() -> None:
    text = "# Failover\n\n## Step 1: Stop writes\n\n```sh\nmake stop\n```\n\n## Step 2: Promote\n\nText.\n"

    (procedure,) = _procedures(text)

    assert procedure.title == "Failover"
    assert [step.text for step in procedure.steps] == ["Step 1: Stop writes", "Step 2: Promote"]
    assert procedure.steps[0].commands == ("make stop",)


def test_prerequisites_before_the_procedure_are_its_preconditions() -> None:
    text = "# Job\n\n## Prerequisites\n\n- access to prod\n- a ticket\n\n## Steps\n\n1. Open it\n2. Close it\n"

    (procedure,) = _procedures(text)

    assert [statement.text for statement in procedure.preconditions] == ["access to prod", "a ticket"]


def test_a_paragraph_that_says_what_is_needed_is_a_precondition() -> None:
    (procedure,) = _procedures("# Job\n\nYou need the admin role.\n\n1. Open it\n2. Close it\n")

    assert [statement.text for statement in procedure.preconditions] == ["You need the admin role."]


def test_numbered_prerequisites_are_no_procedure() -> None:
    assert _procedures("# Job\n\n**Prerequisites**\n\n1. Get access\n2. Install the tool\n") == ()


def test_links_questions_and_references_are_no_procedures() -> None:
    assert _procedures("# Read\n\n1. [One](a.md)\n2. [Two](b.md)\n") == ()
    assert _procedures("# Ask\n\n1. Run what?\n2. Check what?\n") == ()
    assert _procedures("# References\n\n1. Run this\n2. Check that\n") == ()


def test_a_list_of_statements_is_no_procedure() -> None:
    assert _procedures("# Kinds\n\n1. The first kind is large.\n2. Another kind is small.\n") == ()


def test_the_causes_that_a_postmortem_numbers_are_no_procedure() -> None:
    assert _procedures("# Why\n\n1. Set by hand\n2. Checked by nobody\n", DocumentKind.POSTMORTEM) == ()
