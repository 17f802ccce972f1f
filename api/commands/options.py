"""Options that several commands share, and what they make of them."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from pydantic import BaseModel

    from api.assistant import Assistant
    from api.schemas.places import Filters

F = TypeVar("F", bound=Callable[..., Any])

# Spelled out, since the enumeration stands in a module that is slower to import than help may take.
_KINDS = ("runbook", "architecture", "postmortem", "reference")

json_option = click.option("--json", "as_json", is_flag=True, help="Print the whole result as JSON.")

_FILTERS: tuple[Callable[[Any], Any], ...] = (
    click.option("--source", "sources", multiple=True, metavar="NAME", help="Only from this source; repeatable."),
    click.option("--kind", "kinds", multiple=True, type=click.Choice(_KINDS), help="Only this kind; repeatable."),
    click.option("--service", "services", multiple=True, metavar="NAME", help="Only about this service; repeatable."),
    click.option(
        "--exclude",
        "excluded",
        multiple=True,
        metavar="DOCUMENT",
        help="Not this document: its id, path, or source/path; repeatable.",
    ),
)


def filter_options(command: F) -> F:
    """Add the options that narrow a search."""
    for decorate in reversed(_FILTERS):
        command = decorate(command)
    return command


def filters_of(
    sources: tuple[str, ...], kinds: tuple[str, ...], services: tuple[str, ...], excluded: tuple[str, ...]
) -> "Filters":
    """Return the filters that the options mean."""
    from api.schemas.places import Filters
    from ingest.knowledge.documents import DocumentKind

    return Filters(
        sources=list(sources),
        kinds=[DocumentKind(kind) for kind in kinds],
        services=list(services),
        exclude_documents=list(excluded),
    )


@contextmanager
def opened_assistant() -> Iterator["Assistant"]:
    """Yield the assistant that the settings lead to, and close it."""
    from api.bootstrap import open_assistant
    from api.settings import load_settings

    assistant = open_assistant(load_settings())
    try:
        yield assistant
    finally:
        assistant.close()


def text_or_stdin(text: str) -> str:
    """Return the text, or what stands on standard input where it is "-"; bytes that are no text are replaced."""
    data = sys.stdin.buffer.read() if text == "-" else text.encode("utf-8", "surrogateescape")
    return data.decode("utf-8", "replace")


def print_json(value: "BaseModel") -> None:
    """Print a result as JSON."""
    click.echo(value.model_dump_json(indent=2))
