"""All facts of a document together: cited, in order, nothing twice, and quick on hostile text."""

import time
from collections.abc import Sequence
from typing import Protocol

import pytest

from ingest.extraction.extractor import extract
from ingest.knowledge.documents import Document, DocumentKind
from ingest.knowledge.extracts import AlertMention, AlertRule, Component, Extract, PostmortemField, PostmortemPart
from ingest.knowledge.spans import Span
from tests.ingest.extraction.material import document_of

_PAGE = """---
services: [checkout]
---

# CheckoutDown

checkout depends on `cart-api`. See [the failover](failover.md).

![Diagram](d.png)

1. Run `kubectl get pods`
2. Check the page
"""
_HERE = Span(0, 1, 1, 1)
_HOSTILE = {
    "brackets": "[" * 20_000,
    "links": "[a](" * 5_000,
    "backticks": "` " * 10_000,
    "emphasis": "**a " * 5_000,
    "sentences without end": "a-b calls c-d, " * 1_500,
    "times": "12:00 " * 3_000,
    "tags": "<img src=" * 2_000,
    "shortcodes": "{{< " * 5_000,
    "open quotes": "1. run a\n\n   ```bash\n   " + "\n   ".join(["echo \"it's <<EOF {"] * 800) + "\n   ```\n2. run b\n",
    "pipes": "| Service | Uses |\n|---|---|\n|" + "|" * 20_000,
    "conditions": "1. " + "if a, " * 3_000 + "\n2. run b\n",
}


class _Cited(Protocol):
    @property
    def span(self) -> Span: ...


def _page(services: tuple[str, ...] = ("checkout",)) -> Document:
    return document_of(_PAGE, "runbooks/checkout.md", services=services)


def test_every_kind_of_fact_is_found_and_lies_within_the_text() -> None:
    document = _page()

    found = extract(document)

    groups: tuple[Sequence[_Cited], ...] = (
        found.procedures,
        found.alerts,
        found.components,
        found.dependencies,
        found.links,
        found.pictures,
    )
    spans = [fact.span for group in groups for fact in group]
    assert all(groups)
    assert all(0 <= span.start < span.end <= len(document.text) for span in spans)
    assert all(span.line_start == document.text.count("\n", 0, span.start) + 1 for span in spans)


def test_the_same_document_gives_the_same_facts() -> None:
    assert extract(_page()) == extract(_page())


def test_what_the_format_stated_is_not_found_a_second_time() -> None:
    native = Extract(
        rules=(AlertRule("CheckoutDown", _HERE, "up == 0"),),
        components=(Component("checkout", _HERE, stated_in="manifest"),),
    )

    found = extract(_page(), native=native)

    assert found.rules == native.rules
    assert found.components == native.components
    assert found.alerts == ()
    assert found.procedures


def test_other_alerts_than_the_format_stated_are_added() -> None:
    native = Extract(alerts=(AlertMention("OtherAlert", _HERE, heading=True),))

    assert [alert.name for alert in extract(_page(), native=native).alerts] == ["OtherAlert", "CheckoutDown"]


def test_a_part_that_a_structured_postmortem_states_is_not_read_from_its_words() -> None:
    text = "# X\n\n## Impact\n\nTen users.\n\n## Root cause\n\nA typo.\n"
    native = Extract(postmortem=(PostmortemField(PostmortemPart.IMPACT, "10", _HERE),))

    found = extract(document_of(text, kind=DocumentKind.POSTMORTEM), native=native)

    assert [field.text for field in found.postmortem] == ["10", "A typo."]


def test_an_empty_document_states_nothing() -> None:
    assert not extract(document_of(""))


@pytest.mark.parametrize("name", _HOSTILE)
@pytest.mark.parametrize("kind", [DocumentKind.POSTMORTEM, DocumentKind.ARCHITECTURE])
def test_hostile_text_takes_no_long_time(name: str, kind: DocumentKind) -> None:
    document = document_of(f"# P\n\n## Timeline\n\n{_HOSTILE[name]}\n\n## Root cause\n\nx\n", kind=kind)
    before = time.process_time()

    extract(document)

    assert time.process_time() - before < 3
