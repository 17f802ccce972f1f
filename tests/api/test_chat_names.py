"""Filters in the name of a chat model and in the metadata of a request."""

from datetime import UTC, datetime

import pytest

from api.chat_names import UnknownModel, models_of, wishes_of
from api.errors import UsageError
from api.schemas.knowledge import KnowledgeStatus, SourceStatus
from ingest.knowledge.documents import DocumentKind


def _status(*sources: str) -> KnowledgeStatus:
    return KnowledgeStatus(
        generation=1,
        model="words@1",
        built_at=datetime(2026, 5, 1, tzinfo=UTC),
        documents=3,
        passages=9,
        failed=0,
        store="here",
        sources=[
            SourceStatus(
                source=name,
                location="",
                indexed=1,
                failed=0,
                passages=3,
                last_run=None,
                seconds=None,
                complete=True,
            )
            for name in sources
        ],
    )


def test_the_bare_name_looks_everywhere() -> None:
    wishes = wishes_of("groundwatch", {})

    assert not wishes.filters.sources
    assert wishes.writer == "auto"
    assert wishes.conversation_id is None


def test_a_name_carries_filters() -> None:
    wishes = wishes_of("groundwatch:source=docs,wiki; kind=runbook;writer=none", {})

    assert wishes.filters.sources == ["docs", "wiki"]
    assert wishes.filters.kinds == [DocumentKind.RUNBOOK]
    assert wishes.writer == "none"


def test_metadata_carries_filters_and_what_is_not_ours_is_left_alone() -> None:
    metadata = {"groundwatch_service": "db", "groundwatch_conversation": "c1", "source": "my-app", "user": "7"}

    wishes = wishes_of("groundwatch:service=cache", metadata)

    assert wishes.filters.services == ["cache", "db"]
    assert wishes.filters.sources == []
    assert wishes.conversation_id == "c1"


@pytest.mark.parametrize(
    ("model", "metadata", "named"),
    [
        ("groundwatch:sauce=docs", {}, "'sauce'"),
        ("groundwatch:kind=recipe", {}, "'recipe'"),
        ("groundwatch", {"groundwatch_sauce": "docs"}, "'sauce'"),
        ("groundwatch:writer=poet", {}, "'poet'"),
        ("groundwatch:docs", {}, "'docs'"),
    ],
)
def test_what_means_nothing_is_named(model: str, metadata: dict[str, str], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        wishes_of(model, metadata)


@pytest.mark.parametrize("model", ["gpt-4o", "", "groundwatch2", "Groundwatch", "x:source=docs"])
def test_models_of_others_are_unknown(model: str) -> None:
    with pytest.raises(UnknownModel, match="GET /v1/models"):
        wishes_of(model, {})


def test_each_of_several_sources_is_a_model() -> None:
    names = [model.id for model in models_of(_status("docs", "wiki")).data]

    assert names == ["groundwatch", "groundwatch:source=docs", "groundwatch:source=wiki"]


def test_a_single_source_is_no_model_of_its_own() -> None:
    assert [model.id for model in models_of(_status("docs")).data] == ["groundwatch"]


def test_every_listed_model_can_be_asked() -> None:
    for model in models_of(_status("docs", "wiki")).data:
        wishes_of(model.id, {})
