"""Notion as a source: the pages and rows of databases that an integration may read, as Markdown."""

import hashlib
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter

from ingest.errors import DocumentUnavailable, DocumentUnreadable, UsageError
from ingest.sources.notion_answers import Thing, bare, properties_of, title_of
from ingest.sources.notion_blocks import property_value, render_blocks
from ingest.sources.notion_tree import BlockReader, NotionTree
from ingest.sources.remote_listing import RemoteListing
from ingest.sources.rest import USUAL_LIMITS, RestApi, RestLimits
from ingest.sources.rest_calls import Call, authorization, checked_url
from ingest.sources.source import Snapshot, SourceEntry

_THING = TypeAdapter(Thing)
_PATH = re.compile(r"([0-9a-f]{32})\.md")
_ID = re.compile(r"([0-9a-f]{32})/?(?:\?.*)?$")
_VERSION = "2022-06-28"
_RENDERING = 1  # part of each fingerprint: raise it when render_blocks renders a page differently
_UNSETTLED = timedelta(seconds=120)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotionSource:
    """Pages below `roots` (ids or links of pages and databases), or all that the integration was given.

    A page is `<id>.md`, a row of a database too, with its properties as front matter. Roots are walked from
    page to page and miss nothing; without them Notion's search says what there is, which by its documentation
    may leave out what was shared a moment ago.
    """

    name: str
    token: str = field(repr=False)
    roots: tuple[str, ...] = ()
    url: str = "https://api.notion.com"
    token_variable: str = ""
    limits: RestLimits = USUAL_LIMITS
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def __post_init__(self) -> None:
        self._api()
        self._root_ids()

    @property
    def location(self) -> str:
        """The API's address with the roots."""
        return f"{checked_url(self.url)} ({', '.join(self._root_ids()) or 'all that is shared'})"

    @property
    def url_prefix(self) -> str | None:
        """None: each page states its own link."""
        return None

    def snapshot(self) -> Snapshot:
        """List all pages; raises SourceUnreadable where nothing can be listed."""
        listing = RemoteListing(self.name)
        now = datetime.now(UTC)
        with self._api().session() as session:
            tree = NotionTree(session, listing)
            for page in tree.below(self._root_ids()) if self.roots else tree.found():
                listing.add(_entry(page.thing, page.ancestors, now))
        return listing.snapshot()

    def fetch(self, path: str) -> bytes:
        """Return a page as Markdown; raises DocumentUnavailable where it is gone or in the trash."""
        found = _PATH.fullmatch(path)
        if found is None:
            raise DocumentUnreadable(f"{path!r} is no path of this source; list it again")
        with self._api().session() as session:
            page = session.get(_THING, Call(f"/v1/pages/{found.group(1)}"))
            if page.is_gone:
                raise DocumentUnavailable("is in the trash by now; the next sync leaves it out")
            reader = BlockReader(session)
            text = render_blocks(reader.of(page.id), reader)
        return _document(page, text)

    def _api(self) -> RestApi:
        base = checked_url(self.url)
        return RestApi(
            service="Notion",
            base=base,
            headers=(("notion-version", _VERSION), *authorization(base, "Bearer", self.token)),
            token_variable=self.token_variable,
            limits=self.limits,
            sleep=self.sleep,
        )

    def _root_ids(self) -> tuple[str, ...]:
        return tuple(_root_id(root) for root in self.roots)


def _root_id(root: str) -> str:
    """Return the id in an id or a link of a page, such as https://www.notion.so/team/Disk-full-0123…"""
    found = _ID.search(root.strip().replace("-", "").lower())
    if found is None:
        raise UsageError(f"{root!r} is no id of a Notion page or database; copy the link of the page")
    return found.group(1)


def _entry(page: Thing, ancestors: tuple[str, ...], now: datetime) -> SourceEntry:
    title, edited = title_of(page), page.last_edited_time
    facts = [_RENDERING, title, page.parent.id, ancestors, _stated(page)]
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
    # Notion states the minute of an edit only; what follows within that minute shows once it is over.
    unsettled = edited is not None and abs(now - _aware(edited)) < _UNSETTLED
    return SourceEntry(
        path=f"{bare(page.id)}.md",
        fingerprint=f"{edited.isoformat() if edited else ''}-{digest}{'-unsettled' if unsettled else ''}",
        size=0,
        url=page.url,
        updated_at=_aware(edited) if edited else None,
        title=title or None,
        ancestors=ancestors,
    )


def _document(page: Thing, text: str) -> bytes:
    """Return a page with its title and properties as front matter."""
    import yaml

    title = title_of(page) or "Untitled"
    facts = {"title": title, **_stated(page)}
    front = yaml.safe_dump(facts, allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{front}---\n\n{text or f'# {title}'}\n".encode("utf-8", "replace")


def _stated(page: Thing) -> dict[str, object]:
    """Return the properties that say something as front matter, without the title."""
    facts: dict[str, object] = {}
    for name, value in properties_of(page).items():
        stated = None if value.type == "title" else property_value(value)
        key = re.sub(r"\W+", "_", name.strip().lower()).strip("_")
        if stated is not None and key not in ("", "title"):
            facts.setdefault(key, stated)
    return facts


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
