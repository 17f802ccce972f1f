"""What Notion's API answers, as far as it is read (version 2022-06-28 of the API)."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from pydantic import Field, ValidationError, model_validator

from ingest.sources.rest_calls import Wire


class Style(Wire):
    """How a run of text looks, as far as that says something about it."""

    code: bool = False
    strikethrough: bool = False


class RichText(Wire):
    """A run of text with one style."""

    plain_text: str = ""
    href: str | None = None
    type: str = "text"
    annotations: Style = Style()


class Parent(Wire):
    """What a page or block lies in."""

    type: str = ""
    page_id: str | None = None
    database_id: str | None = None
    block_id: str | None = None

    @property
    def id(self) -> str | None:
        """The id of the thing above; None at the top of the workspace."""
        return self.page_id or self.database_id or self.block_id


class Thing(Wire):
    """A page or a database; `properties` are values in a page, and a schema in a database."""

    kind: str = Field("page", alias="object")
    id: str = Field(min_length=1)
    last_edited_time: datetime | None = None
    archived: bool = False
    in_trash: bool = False
    url: str | None = None
    parent: Parent = Parent()
    title: tuple[RichText, ...] = ()
    properties: Mapping[str, Mapping[str, object]] = Field(default_factory=dict)

    @property
    def is_gone(self) -> bool:
        """Whether it lies in the trash."""
        return self.archived or self.in_trash


class Things(Wire):
    """One page of a list of pages and databases."""

    results: tuple[Thing, ...] = ()
    has_more: bool = False
    next_cursor: str | None = None


class Where(Wire):
    """Where a file or picture is; the address of one kept by Notion is signed and holds for an hour."""

    url: str = ""


class Original(Wire):
    """The block that a synced one repeats."""

    block_id: str | None = None


class Icon(Wire):
    """The sign of a callout."""

    emoji: str | None = None


class Content(Wire):
    """What is special to the type of a block; each type fills some of these fields."""

    rich_text: tuple[RichText, ...] = ()
    caption: tuple[RichText, ...] = ()
    checked: bool = False
    language: str | None = None
    icon: Icon | None = None
    title: str = ""
    name: str | None = None
    url: str | None = None
    expression: str = ""
    file: Where | None = None
    external: Where | None = None
    page_id: str | None = None
    database_id: str | None = None
    cells: tuple[tuple[RichText, ...], ...] = ()
    has_column_header: bool = False
    synced_from: Original | None = None


class Block(Wire):
    """A block; `content` stands in the answer under the name of the block's type."""

    id: str = Field(min_length=1)
    type: str = "unsupported"
    has_children: bool = False
    archived: bool = False
    in_trash: bool = False
    parent: Parent = Parent()
    content: Content = Content()

    @model_validator(mode="before")
    @classmethod
    def _named_content(cls, answer: object) -> object:
        if not isinstance(answer, dict):
            return answer
        content = answer.get(answer.get("type"))
        return {**answer, "content": content if isinstance(content, dict) else {}}


class Blocks(Wire):
    """One page of a list of blocks."""

    results: tuple[Block, ...] = ()
    has_more: bool = False
    next_cursor: str | None = None


class Choice(Wire):
    """An option, a person or a relation in the value of a property."""

    name: str | None = None


class Day(Wire):
    """A date or a stretch of time; written as in ISO 8601."""

    start: str | None = None
    end: str | None = None


class Formula(Wire):
    """The result of a formula."""

    string: str | None = None
    number: float | None = None
    boolean: bool | None = None
    date: Day | None = None


class Property(Wire):
    """The value of a property of a page; the field named like its type holds it."""

    type: str = ""
    title: tuple[RichText, ...] = ()
    rich_text: tuple[RichText, ...] = ()
    select: Choice | None = None
    status: Choice | None = None
    multi_select: tuple[Choice, ...] = ()
    people: tuple[Choice, ...] = ()
    date: Day | None = None
    number: float | None = None
    checkbox: bool | None = None
    url: str | None = None
    email: str | None = None
    formula: Formula | None = None


def properties_of(page: Thing) -> dict[str, Property]:
    """Return the properties of a page by name; one of a shape that is not known is left out."""
    found: dict[str, Property] = {}
    for name, value in page.properties.items():
        with suppress(ValidationError):
            found[name] = Property.model_validate(value)
    return found


def title_of(thing: Thing) -> str:
    """Return the title of a page or database."""
    if thing.kind == "database":
        return plain(thing.title)
    return next((plain(one.title) for one in properties_of(thing).values() if one.type == "title"), "")


def plain(texts: tuple[RichText, ...]) -> str:
    """Return the words of a rich text on one line."""
    return " ".join("".join(text.plain_text for text in texts).split())


def bare(identifier: str) -> str:
    """Return an id without dashes, as it stands in Notion's links."""
    return identifier.replace("-", "").lower()
