"""Confluence as a source: pages of spaces with their attachments, over REST on Data Center and Cloud."""

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from pydantic import TypeAdapter

from ingest.errors import DocumentUnavailable, DocumentUnreadable
from ingest.sources.confluence_answers import Attachment, Attachments, Page, Pages, Restriction, joint_access
from ingest.sources.confluence_storage import Place, storage_to_html
from ingest.sources.remote_listing import RemoteListing
from ingest.sources.rest import USUAL_LIMITS, RestApi, RestLimits, RestSession
from ingest.sources.rest_calls import Answer, Call, authorization, checked_url
from ingest.sources.rest_failures import NotFound, TokenRefused
from ingest.sources.source import Snapshot, SourceEntry

_PAGE = TypeAdapter(Page)
_PAGES = TypeAdapter(Pages)
_ATTACHMENTS = TypeAdapter(Attachments)
_RESTRICTION = TypeAdapter(Restriction)
_PAGE_PATH = re.compile(r"(?P<space>[^/]+)/(?P<id>[0-9]{1,20})\.html")
_ATTACHMENT_PATH = re.compile(r"(?P<space>[^/]+)/(?P<id>[0-9]{1,20})/attachments/[^/]+")
_READERS = "restrictions.read.restrictions.user,restrictions.read.restrictions.group"
_LISTED = f"version,space,ancestors,metadata.labels,{_READERS},history.lastUpdated"
_FILES = frozenset({".pdf", ".docx", ".pptx", ".xlsx", ".csv", ".md", ".txt", ".drawio"})
_DRAWIO = "application/vnd.jgraph.mxfile"
_LIMIT = "100"
_RENDERING = 1  # part of each fingerprint: raise it when storage_to_html renders a page differently


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfluenceSource:
    """Pages of `spaces` (all spaces where none is named) that carry one of `labels` (all pages where none is named).

    A page is `SPACE/<id>.html`, its file `SPACE/<id>/attachments/<name>`. With `user` (Cloud: the account's
    e-mail address) the token is an API token, without it a personal access token of Data Center. Restrictions
    of reading become labels of access (`group:<name>`, `user:<id>`), those of pages above included; the
    permissions of a space as a whole are not known to the API of content and are not.
    """

    name: str
    url: str
    spaces: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    attachments: bool = True
    user: str | None = None
    token: str | None = field(default=None, repr=False)
    token_variable: str = ""
    limits: RestLimits = USUAL_LIMITS
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def __post_init__(self) -> None:
        self._api()

    @property
    def location(self) -> str:
        """The address of the site, with the spaces that are read."""
        return f"{self._base()} ({', '.join(self.spaces) or 'all spaces'})"

    @property
    def url_prefix(self) -> str | None:
        """None: the link of a page does not follow from its path."""
        return None

    def snapshot(self) -> Snapshot:
        """List all pages and their attachments; raises SourceUnreadable where nothing can be listed."""
        listing = RemoteListing(self.name)
        pages: dict[str, Page] = {}
        with self._api().session() as session:
            for space in self.spaces or ("",):
                with listing.part(f"space {space!r}" if space else "all spaces"):
                    for page in self._listed(session, space):
                        pages[page.id] = page
            readers = {page.id: page.readers for page in pages.values()}
            for page in pages.values():
                with listing.part(f"page {page.title!r}"):
                    self._add(session, page, readers, listing)
        return listing.snapshot()

    def fetch(self, path: str) -> bytes:
        """Return a page as HTML, or an attachment as it is; raises DocumentUnavailable where it is gone."""
        page, attachment = _PAGE_PATH.fullmatch(path), _ATTACHMENT_PATH.fullmatch(path)
        found = page or attachment
        if found is None or (self.spaces and found["space"] not in self.spaces):
            raise DocumentUnreadable(f"{path!r} is no path of this source; list it again")
        with self._api().session() as session:
            if page is not None:
                return self._page(session, page["space"], page["id"])
            return self._attachment(session, found["space"], found["id"], path)

    def _base(self) -> str:
        """Return the address below which the API lies; on Cloud that is `/wiki`, named or not."""
        base = checked_url(self.url)
        parts = urlsplit(base)
        return f"{base}/wiki" if (parts.hostname or "").endswith(".atlassian.net") and not parts.path else base

    def _api(self) -> RestApi:
        from base64 import b64encode

        base, token, scheme = self._base(), self.token, "Bearer"
        if token and self.user:
            authorization(base, scheme, token)
            token, scheme = b64encode(f"{self.user}:{token}".encode()).decode(), "Basic"
        headers = (("accept", "application/json"), *authorization(base, scheme, token))
        return RestApi(
            service="Confluence",
            base=base,
            headers=headers,
            token_variable=self.token_variable,
            limits=self.limits,
            sleep=self.sleep,
        )

    def _listed(self, session: RestSession, space: str) -> Iterator[Page]:
        expand = _LISTED + (",children.attachment.version" if self.attachments else "")
        common = (("expand", expand), ("limit", _LIMIT))
        of_space = (("spaceKey", space),) if space else ()
        plain = Call("/rest/api/content", (("type", "page"), ("status", "current"), *of_space, *common))
        search = Call("/rest/api/content/search", (("cql", _cql(space, self.labels)), *common))
        if self.labels:
            yield from self._pages(session, search)
            return
        try:
            yield from self._pages(session, plain)
        except NotFound:  # Cloud takes this endpoint away step by step; the search stays
            yield from self._pages(session, search)

    def _pages(self, session: RestSession, first: Call) -> Iterator[Page]:
        for part in session.numbered_pages(_PAGES, first, self._next):
            for page in part.results:
                archived = page.space is not None and page.space.status == "archived"
                if page.type == "page" and page.status == "current" and not archived:
                    yield page

    def _next(self, part: Pages | Attachments, _answer: Answer) -> Call | None:
        return Call(self._address(part.links.next)) if part.links.next else None

    def _address(self, link: str) -> str:
        """Return a link of an answer as a whole address: some are relative to the site, some to its host."""
        if link.startswith(("http://", "https://")):
            return link
        base = self._base()
        context = urlsplit(base).path
        if context and link.startswith(context + "/"):
            return base.removesuffix(context) + link
        return base + "/" + link.lstrip("/")

    def _add(
        self, session: RestSession, page: Page, readers: dict[str, frozenset[str]], listing: RemoteListing
    ) -> None:
        for ancestor in page.ancestors:
            if ancestor.id not in readers:
                readers[ancestor.id] = _readers(session, ancestor.id)
        access = joint_access([*(readers[one.id] for one in page.ancestors), page.readers])
        entry = self._entry(page, access)
        listing.add(entry)
        for attachment in self._attachments(session, page) if self.attachments else ():
            file = self._file(page, attachment, entry)
            if file is not None:
                listing.add(file)

    def _entry(self, page: Page, access: tuple[str, ...]) -> SourceEntry:
        labels = () if page.metadata is None or page.metadata.labels is None else page.metadata.labels.results
        updated = page.history.last_updated.when if page.history and page.history.last_updated else page.version.when
        entry = SourceEntry(
            path=f"{_space(page)}/{page.id}.html",
            fingerprint="",
            size=0,
            url=self._address(page.links.webui) if page.links.webui else None,
            updated_at=_aware(updated),
            title=page.title or None,
            ancestors=tuple(ancestor.title for ancestor in page.ancestors if ancestor.title),
            labels=tuple(sorted({label.name for label in labels if label.name})),
            access=access,
        )
        return _stamped(entry, page.version.number)

    def _attachments(self, session: RestSession, page: Page) -> Iterator[Attachment]:
        """Return a page's attachments: those that came with it where they are all, else those of a list."""
        known = None if page.children is None else page.children.attachment
        if known is not None and not known.links.next and not 0 < known.limit <= len(known.results):
            yield from known.results
        else:
            yield from self._all_attachments(session, page.id)

    def _all_attachments(self, session: RestSession, page: str) -> Iterator[Attachment]:
        first = Call(f"/rest/api/content/{page}/child/attachment", (("expand", "version"), ("limit", _LIMIT)))
        for part in session.pages(_ATTACHMENTS, first, self._next):
            yield from part.results

    def _file(self, page: Page, attachment: Attachment, above: SourceEntry) -> SourceEntry | None:
        name = _file_name(attachment)
        if attachment.status != "current" or PurePosixPath(name).suffix.lower() not in _FILES:
            return None
        link = attachment.links.webui or (attachment.links.download or "").split("?")[0]
        entry = SourceEntry(
            path=f"{_space(page)}/{page.id}/attachments/{name}",
            fingerprint="",
            size=max(0, attachment.extensions.file_size if attachment.extensions else 0),
            url=self._address(link) if link else None,
            updated_at=_aware(attachment.version.when),
            title=PurePosixPath(name).stem,
            ancestors=(*above.ancestors, *((page.title,) if page.title else ())),
            labels=above.labels,
            access=above.access,
        )
        return _stamped(entry, f"{attachment.id} {attachment.version.number}")

    def _page(self, session: RestSession, space: str, page_id: str) -> bytes:
        found = self._one(session, page_id, "body.storage,space")
        self._check_place(found, space)
        if found.body is None or found.body.storage is None:
            raise DocumentUnavailable(f"page {found.title!r} came without its text; check what the token may read")
        place = Place(self._base(), space)
        return storage_to_html(found.body.storage.value, title=found.title, place=place)

    def _one(self, session: RestSession, page_id: str, expand: str) -> Page:
        params = (("expand", expand),)
        try:
            return session.get(_PAGE, Call(f"/rest/api/content/{page_id}", params))
        except NotFound as error:
            search = Call("/rest/api/content/search", (("cql", f"id={page_id}"), *params))
            results = session.get(_PAGES, search).results
            if not results:
                raise DocumentUnavailable("is no longer there, or not for this token; the next sync shows") from error
            return results[0]

    def _check_place(self, page: Page, space: str) -> None:
        if page.status != "current":
            raise DocumentUnavailable(f"page {page.title!r} is {page.status} by now; the next sync leaves it out")
        if page.space is not None and page.space.key != space:
            raise DocumentUnavailable(f"page {page.title!r} was moved to another space; the next sync lists it there")

    def _attachment(self, session: RestSession, space: str, page_id: str, path: str) -> bytes:
        self._check_place(self._one(session, page_id, "space"), space)
        for attachment in self._all_attachments(session, page_id):
            if f"{space}/{page_id}/attachments/{_file_name(attachment)}" == path and attachment.links.download:
                return session.download(Call(self._address(attachment.links.download)))
        raise DocumentUnavailable("is no longer attached to its page; the next sync leaves it out")


def _cql(space: str, labels: tuple[str, ...]) -> str:
    parts = ["type=page", *([f"space={_quoted(space)}"] if space else [])]
    if labels:
        parts.append(f"label in ({', '.join(map(_quoted, labels))})")
    return " and ".join(parts)


def _quoted(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _readers(session: RestSession, page: str) -> frozenset[str]:
    """Return who alone may read a page above that is not listed itself; where nobody says so, nobody may."""
    target = f"/rest/api/content/{page}/restriction/byOperation/read"
    call = Call(target, (("expand", "restrictions.user,restrictions.group"),))
    try:
        found = session.get(_RESTRICTION, call)
    except (NotFound, TokenRefused) as error:
        if isinstance(error, TokenRefused) and error.expired:
            raise
        return frozenset({f"restricted:{page}"})
    return frozenset() if found.restrictions is None else found.restrictions.labels


def _space(page: Page) -> str:
    return (page.space.key if page.space is not None else "").replace("/", "_") or "_"


def _file_name(attachment: Attachment) -> str:
    """Return an attachment's name as the last part of a path; drawings of draw.io often have no extension."""
    name = re.sub(r"[/\\\x00-\x1f]", "_", attachment.title)
    stated = [attachment.metadata, attachment.extensions]
    drawn = any(part is not None and part.media_type == _DRAWIO for part in stated)
    return f"{name}.drawio" if drawn and not name.lower().endswith((".drawio", ".xml")) else name


def _stamped(entry: SourceEntry, version: object) -> SourceEntry:
    facts = [_RENDERING, str(version), entry.title, entry.ancestors, entry.labels, entry.access, entry.size]
    digest = hashlib.sha256(json.dumps(facts, ensure_ascii=True).encode()).hexdigest()
    return replace(entry, fingerprint=f"{version}-{digest[:16]}".replace(" ", "-"))


def _aware(moment: datetime | None) -> datetime | None:
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)
