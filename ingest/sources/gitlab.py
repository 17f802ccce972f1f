"""GitLab as a source: issues with certain labels, and the pages of the wiki, both over REST."""

import hashlib
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

from pydantic import Field, TypeAdapter

from ingest.errors import DocumentUnavailable, DocumentUnreadable, UsageError
from ingest.sources.issue_threads import Comment, IssueThread, render_thread
from ingest.sources.remote_listing import RemoteListing
from ingest.sources.rest import USUAL_LIMITS, RestApi, RestLimits, RestSession
from ingest.sources.rest_calls import Call, Wire, authorization, checked_url, linked_page
from ingest.sources.source import Snapshot, SourceEntry

_ISSUE_PATH = re.compile(r"issues/([0-9]{1,10})\.md")
_EXTENSIONS = {"markdown": ".md", "asciidoc": ".adoc", "org": ".org", "rdoc": ".txt", "plaintext": ".txt"}
_NO_NAMES = ("", ".", "..")
_MEMBERS = ("project-members",)


class _User(Wire):
    username: str = ""


class _Issue(Wire):
    iid: int = Field(gt=0)
    title: str = ""
    state: str = "opened"
    description: str | None = None
    author: _User | None = None
    labels: tuple[str, ...] = ()
    confidential: bool = False
    user_notes_count: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None
    closed_at: datetime | None = None
    web_url: str | None = None


class _Note(Wire):
    body: str | None = None
    author: _User | None = None
    created_at: datetime | None = None
    system: bool = False
    internal: bool = False
    confidential: bool | None = None


class _WikiPage(Wire):
    slug: str = Field(min_length=1)
    title: str = ""
    format: str = "markdown"
    content: str | None = None


class _Project(Wire):
    web_url: str = ""
    issues_access_level: str | None = None
    wiki_access_level: str | None = None
    issues_enabled: bool | None = None
    wiki_enabled: bool | None = None

    def has(self, level: str | None, enabled: bool | None) -> bool:
        """Tell whether a feature is switched on, as far as the answer says."""
        return level != "disabled" if level is not None else enabled is not False


_ISSUES = TypeAdapter(list[_Issue])
_ISSUE = TypeAdapter(_Issue)
_NOTES = TypeAdapter(list[_Note])
_WIKI_PAGES = TypeAdapter(list[_WikiPage])
_WIKI_PAGE = TypeAdapter(_WikiPage)
_PROJECT = TypeAdapter(_Project)


@dataclass(frozen=True, slots=True, kw_only=True)
class GitlabSource:
    """Issues of `project` (its path or number) that carry one of `issue_labels`, open and closed, and its wiki.

    An issue is `issues/<number>.md`, a page of the wiki `wiki/<slug>.md` (or the extension of its format). A
    confidential issue is for "project-members". Internal notes of other issues are left out: the issue's
    readers may not see them.
    """

    name: str
    project: str
    issue_labels: tuple[str, ...] = ("postmortem", "incident")
    issues: bool = True
    wiki: bool = True
    token: str | None = field(default=None, repr=False)
    url: str = "https://gitlab.com"
    token_variable: str = ""
    limits: RestLimits = USUAL_LIMITS
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def __post_init__(self) -> None:
        if not self.project.strip("/") or self.project.isspace():
            raise UsageError(f"{self.project!r} is no project of GitLab; write its path, group/project, or its number")
        self._api()

    @property
    def location(self) -> str:
        """The address of the project."""
        return f"{checked_url(self.url)}/{self.project.strip('/')}"

    @property
    def url_prefix(self) -> str | None:
        """None: the link of a document does not follow from its path."""
        return None

    def snapshot(self) -> Snapshot:
        """List issues and pages of the wiki; raises SourceUnreadable where nothing can be listed."""
        listing = RemoteListing(self.name)
        with self._api().session() as session, listing.part(f"project {self.project!r}"):
            about = session.get(_PROJECT, Call(self._target()))
            has_issues = about.has(about.issues_access_level, about.issues_enabled)
            for label in dict.fromkeys(self.issue_labels) if self.issues and has_issues else ():
                with listing.part(f"issues with label {label!r}"):
                    for issue in self._listed(session, label):
                        listing.add(_issue_entry(issue))
            if self.wiki and about.has(about.wiki_access_level, about.wiki_enabled):
                with listing.part("wiki"):
                    call = Call(self._target("/wikis"), (("with_content", "1"), ("per_page", "100")))
                    for pages in session.pages(_WIKI_PAGES, call, linked_page):
                        for page in pages:
                            listing.add(_wiki_entry(page, about.web_url or self.location))
        return listing.snapshot()

    def fetch(self, path: str) -> bytes:
        """Return an issue with its notes as Markdown, or a page of the wiki as it is."""
        found = _ISSUE_PATH.fullmatch(path)
        with self._api().session() as session:
            if found is not None and self.issues:
                return self._issue(session, found.group(1))
            if path.startswith("wiki/") and "." in path and self.wiki:
                return self._wiki_page(session, path)
        raise DocumentUnreadable(f"{path!r} is no path of this source; list it again")

    def _api(self) -> RestApi:
        base = checked_url(self.url)
        return RestApi(
            service="GitLab",
            base=f"{base}/api/v4",
            headers=(("accept", "application/json"), *authorization(base, "", self.token)),
            token_variable=self.token_variable,
            limits=self.limits,
            sleep=self.sleep,
        )

    def _target(self, below: str = "") -> str:
        return f"/projects/{quote(self.project.strip('/'), safe='')}{below}"

    def _listed(self, session: RestSession, label: str) -> Iterator[_Issue]:
        order = (("scope", "all"), ("state", "all"), ("order_by", "created_at"), ("sort", "asc"), ("per_page", "100"))
        call = Call(self._target("/issues"), (("labels", label), *order))
        for page in session.numbered_pages(_ISSUES, call, linked_page):
            yield from page

    def _issue(self, session: RestSession, number: str) -> bytes:
        issue = session.get(_ISSUE, Call(self._target(f"/issues/{number}")))
        params = (("sort", "asc"), ("order_by", "created_at"), ("per_page", "100"))
        pages = session.pages(_NOTES, Call(self._target(f"/issues/{number}/notes"), params), linked_page)
        notes = tuple(_comment(note) for page in pages for note in page if _is_readable(note, issue))
        return render_thread(_thread(issue, notes))

    def _wiki_page(self, session: RestSession, path: str) -> bytes:
        slug = path.removeprefix("wiki/").rpartition(".")[0]
        page = session.get(_WIKI_PAGE, Call(self._target(f"/wikis/{quote(slug, safe='')}")))
        if _wiki_path(page) != path:
            raise DocumentUnavailable(f"{path!r} has another name or format by now; the next sync lists that")
        return (page.content or "").encode("utf-8", "replace")


def _is_readable(note: _Note, issue: _Issue) -> bool:
    """Tell whether all readers of the issue may read a note, and a person wrote it."""
    return not note.system and (issue.confidential or not (note.internal or note.confidential))


def _issue_entry(issue: _Issue) -> SourceEntry:
    updated = issue.updated_at
    facts = f"{issue.title}\n{issue.state}\n{issue.labels}\n{issue.confidential}\n{issue.description}"
    digest = hashlib.sha256(facts.encode("utf-8", "replace")).hexdigest()[:12]
    return SourceEntry(
        path=f"issues/{issue.iid}.md",
        fingerprint=f"{updated.isoformat() if updated else ''}-{issue.user_notes_count}-{digest}",
        size=0,
        url=issue.web_url,
        updated_at=updated,
        title=issue.title or None,
        labels=tuple(sorted(set(issue.labels))),
        access=_MEMBERS if issue.confidential else (),
    )


def _wiki_path(page: _WikiPage) -> str:
    parts = ("_" if part in _NO_NAMES else part for part in page.slug.split("/"))
    return f"wiki/{'/'.join(parts)}{_EXTENSIONS.get(page.format, '.txt')}"


def _wiki_entry(page: _WikiPage, web_url: str) -> SourceEntry:
    content = (page.content or "").encode("utf-8", "replace")
    odd = any(part in _NO_NAMES for part in page.slug.split("/"))
    return SourceEntry(
        path=_wiki_path(page),
        fingerprint=hashlib.sha256(page.title.encode("utf-8", "replace") + b"\0" + content).hexdigest()[:16],
        size=len(content),
        url=f"{web_url}/-/wikis/{quote(page.slug)}",
        title=page.title or None,
        ancestors=tuple(part.replace("-", " ") for part in page.slug.split("/")[:-1]),
        problem="has a name that is no path; rename the page" if odd else None,
    )


def _comment(note: _Note) -> Comment:
    return Comment(note.author.username if note.author else "", note.created_at, note.body or "")


def _thread(issue: _Issue, notes: tuple[Comment, ...]) -> IssueThread:
    return IssueThread(
        number=issue.iid,
        title=issue.title,
        closed=issue.state == "closed",
        author=issue.author.username if issue.author else "",
        opened_at=issue.created_at,
        closed_at=issue.closed_at,
        labels=tuple(sorted(set(issue.labels))),
        text=issue.description or "",
        comments=notes,
    )
