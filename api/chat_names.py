"""What the model's name and the metadata of a chat request say about where to look and who writes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from api.errors import NotFound, UsageError
from api.schemas.chat import ChatModel, ChatModels
from api.schemas.knowledge import KnowledgeStatus
from api.schemas.places import Filters
from ingest.knowledge.documents import DocumentKind

MODEL = "groundwatch"
"""The model that looks everywhere."""

_METADATA = "groundwatch_"
_NAMES = ("source", "kind", "service", "exclude", "writer", "conversation")


class UnknownModel(NotFound):
    """The request names a model that is none of ours."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a request asks for beside its question."""

    filters: Filters
    writer: Literal["auto", "none"] = "auto"
    conversation_id: str | None = None


def wishes_of(model: str, metadata: Mapping[str, str]) -> Wishes:
    """Return what the name `groundwatch:name=value,…;…` and the metadata groundwatch_NAME=value,… say together.

    Raises UnknownModel, and UsageError for a name or value that means nothing.
    """
    said: dict[str, list[str]] = {name: [] for name in _NAMES}
    for name, value in (*_in_model(model), *_in_metadata(metadata)):
        if name not in said:
            known = ", ".join(_NAMES)
            raise UsageError(f"{name!r} is nothing that can be set here; known: {known}, such as {MODEL}:source=NAME")
        said[name] += [part for one in value.split(",") if (part := one.strip())]
    writer = _last(said["writer"]) or "auto"
    if writer not in ("auto", "none"):
        raise UsageError(f"writer {writer!r} is neither 'auto' nor 'none'")
    filters = Filters(
        sources=said["source"],
        kinds=[_kind(name) for name in said["kind"]],
        services=said["service"],
        exclude_documents=said["exclude"],
    )
    return Wishes(filters, "none" if writer == "none" else "auto", _last(said["conversation"]))


def models_of(status: KnowledgeStatus) -> ChatModels:
    """Return the names to choose from: everything, and where there are several sources, each of them."""
    created = int(status.built_at.timestamp()) if status.built_at else 0
    sources = [source.source for source in status.sources if source.indexed]
    names = [MODEL, *(f"{MODEL}:source={name}" for name in sources if len(sources) > 1)]
    return ChatModels(data=[ChatModel(id=name, created=created) for name in names])


def _in_model(model: str) -> Iterator[tuple[str, str]]:
    name, _, settings = model.partition(":")
    if name != MODEL:
        raise UnknownModel(f"there is no model {model!r}; use {MODEL!r}, or one of those in GET /v1/models")
    for setting in settings.split(";"):
        if setting.strip():
            key, _, value = setting.partition("=")
            yield key.strip(), value


def _in_metadata(metadata: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key, value in metadata.items():
        if key.startswith(_METADATA):
            yield key.removeprefix(_METADATA), value


def _kind(name: str) -> DocumentKind:
    try:
        return DocumentKind(name)
    except ValueError as error:
        known = ", ".join(kind.value for kind in DocumentKind)
        raise UsageError(f"unknown kind {name!r}; known: {known}") from error


def _last(values: list[str]) -> str | None:
    return values[-1] if values else None
