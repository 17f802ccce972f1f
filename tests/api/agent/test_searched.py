"""Documents as the agent reads them."""

from pathlib import Path

from api.agent.searched import SearchedKnowledge
from tests.small_knowledge import build_knowledge

FILES = {"runbooks/cart-store.md": "# Cart store\n\n## Memory\n\nThe cart store refuses writes once it is full.\n"}


def test_a_passage_comes_with_its_document_and_heading(tmp_path: Path) -> None:
    searcher = build_knowledge(tmp_path, FILES)
    knowledge = SearchedKnowledge(lambda query: searcher.search(query, limit=3))

    (first,) = knowledge.guidance("cart store memory")

    assert first.place.startswith("runbooks/cart-store.md (")
    assert first.place.endswith("Memory")
    assert first.text.strip().endswith("The cart store refuses writes once it is full.")
