"""What Confluence's REST API answers, as far as it is read, and what follows for who may read a page.

Fields as documented for Confluence Data Center (`/rest/api/content`) and for Cloud's version 1.
"""

from collections.abc import Iterable
from datetime import datetime

from pydantic import Field

from ingest.sources.rest_calls import Wire

_MOST_JOINT_GROUPS = 64


class Links(Wire):
    """Where things of an answer are: relative to the base address unless they are whole."""

    next: str | None = None
    webui: str | None = None
    download: str | None = None


class Version(Wire):
    """Which version of a content this is, and since when."""

    number: int = 0
    when: datetime | None = None


class Named(Wire):
    """A label or group."""

    name: str = ""


class Labels(Wire):
    """The labels of a page."""

    results: tuple[Named, ...] = ()


class Metadata(Wire):
    """What is said of a content beside its text."""

    labels: Labels | None = None
    media_type: str | None = Field(None, alias="mediaType")


class User(Wire):
    """A person: Cloud gives an account id, Data Center a name and a key."""

    account_id: str | None = Field(None, alias="accountId")
    username: str | None = None
    user_key: str | None = Field(None, alias="userKey")

    @property
    def label(self) -> str:
        """The label of access that means this person."""
        return f"user:{self.account_id or self.username or self.user_key or 'unknown'}"


class Users(Wire):
    """The persons of a restriction."""

    results: tuple[User, ...] = ()


class Groups(Wire):
    """The groups of a restriction."""

    results: tuple[Named, ...] = ()


class Readers(Wire):
    """Who alone may do something; nobody named means no restriction."""

    user: Users | None = None
    group: Groups | None = None

    @property
    def labels(self) -> frozenset[str]:
        """The labels of access of all who are named."""
        groups = () if self.group is None else self.group.results
        users = () if self.user is None else self.user.results
        return frozenset([*(f"group:{one.name}" for one in groups), *(one.label for one in users)])


class Restriction(Wire):
    """The restriction of one operation."""

    restrictions: Readers | None = None


class Restrictions(Wire):
    """The restrictions of a page; only that of reading is of interest."""

    read: Restriction | None = None


class Space(Wire):
    """The space of a page."""

    key: str = ""
    status: str | None = None


class Extensions(Wire):
    """What Confluence knows of an attachment's file."""

    file_size: int = Field(0, alias="fileSize")
    media_type: str | None = Field(None, alias="mediaType")


class Attachment(Wire):
    """A file of a page."""

    id: str
    title: str = ""
    status: str = "current"
    version: Version = Version()
    metadata: Metadata | None = None
    extensions: Extensions | None = None
    links: Links = Field(Links(), alias="_links")


class Attachments(Wire):
    """One page of a list of attachments."""

    results: tuple[Attachment, ...] = ()
    limit: int = 0
    links: Links = Field(Links(), alias="_links")


class Children(Wire):
    """What hangs on a page."""

    attachment: Attachments | None = None


class Ancestor(Wire):
    """A page above another, outermost first in a list."""

    id: str
    title: str = ""


class History(Wire):
    """When a page was last changed."""

    last_updated: Version | None = Field(None, alias="lastUpdated")


class Storage(Wire):
    """The text of a page in storage format."""

    value: str = ""


class Body(Wire):
    """The text of a page."""

    storage: Storage | None = None


class Page(Wire):
    """A page, with as much of it as was asked for."""

    id: str = Field(pattern=r"^[0-9]+$")
    title: str = ""
    type: str = "page"
    status: str = "current"
    space: Space | None = None
    version: Version = Version()
    history: History | None = None
    ancestors: tuple[Ancestor, ...] = ()
    metadata: Metadata | None = None
    restrictions: Restrictions | None = None
    children: Children | None = None
    body: Body | None = None
    links: Links = Field(Links(), alias="_links")

    @property
    def readers(self) -> frozenset[str]:
        """Who alone may read this page, its ancestors aside; empty where it is not restricted itself."""
        read = None if self.restrictions is None else self.restrictions.read
        return frozenset() if read is None or read.restrictions is None else read.restrictions.labels


class Pages(Wire):
    """One page of a list of pages."""

    results: tuple[Page, ...] = ()
    links: Links = Field(Links(), alias="_links")


def joint_access(levels: Iterable[frozenset[str]]) -> tuple[str, ...]:
    """Return the labels of those who pass every level; a level without labels lets everyone through.

    A reader needs one label only, so what no single label states becomes a joint one, "group:a+user:b", which
    nobody has until somebody grants it: rather hidden from one who may read it than shown to one who may not.
    """
    passed: frozenset[str] = frozenset()
    for level in levels:
        if not level or not passed:
            passed = passed or level
        else:
            joint = (f"{one}+{other}" for one in sorted(passed) for other in sorted(level))
            passed = passed & level or frozenset(sorted(joint)[:_MOST_JOINT_GROUPS])
    return tuple(sorted(passed))
