"""GitHub as a source: issues with certain labels over REST, and the wiki, which is a git repository."""

import hashlib
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from urllib.parse import quote, urlsplit

from pydantic import Field, TypeAdapter

from ingest.errors import DocumentUnavailable, DocumentUnreadable, SourceUnreadable, UsageError
from ingest.sources.issue_threads import Comment, IssueThread, render_thread
from ingest.sources.remote_listing import RemoteListing
from ingest.sources.rest import USUAL_LIMITS, RestApi, RestLimits, RestSession
from ingest.sources.rest_calls import Call, Wire, authorization, checked_url, linked_page
from ingest.sources.source import Snapshot, Source, SourceEntry

_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")
_ISSUE_PATH = re.compile(r"issues/([0-9]{1,10})\.md")
_WIKI = "wiki/"
_NO_WIKI = re.compile(
    r"repository not found|' not found|returned error: 404|no such file|not exist|repository is empty"
    r"|not (?:appear to be )?a git repository",
    re.IGNORECASE,
)
_ASKS_WHO = re.compile(r"could not read username|authentication failed|terminal prompts disabled", re.IGNORECASE)


class _Label(Wire):
    name: str = ""


class _User(Wire):
    login: str = ""


class _Issue(Wire):
    number: int = Field(gt=0)
    title: str = ""
    state: str = "open"
    body: str | None = None
    user: _User | None = None
    labels: tuple[_Label | str, ...] = ()
    comments: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None
    closed_at: datetime | None = None
    html_url: str | None = None
    pull_request: dict[str, object] | None = None


class _Comment(Wire):
    body: str | None = None
    user: _User | None = None
    created_at: datetime | None = None


class _Repository(Wire):
    full_name: str = ""
    html_url: str | None = None
    has_issues: bool = True
    has_wiki: bool = True


_ISSUES = TypeAdapter(list[_Issue])
_ISSUE = TypeAdapter(_Issue)
_COMMENTS = TypeAdapter(list[_Comment])
_REPOSITORY_ANSWER = TypeAdapter(_Repository)


@dataclass(slots=True, kw_only=True)
class GithubSource:
    """Issues of `repository` ("owner/name") that carry one of `issue_labels`, open and closed, and its wiki.

    An issue is `issues/<number>.md`, a page of the wiki `wiki/<file>`. The wiki is cloned below `cache_dir`;
    `wiki_url` replaces the address that follows from `url`. Pull requests are left out.
    """

    name: str
    repository: str
    cache_dir: Path
    issue_labels: tuple[str, ...] = ("postmortem", "incident")
    issues: bool = True
    wiki: bool = True
    token: str | None = field(default=None, repr=False)
    url: str = "https://api.github.com"
    wiki_url: str | None = None
    token_variable: str = ""
    limits: RestLimits = USUAL_LIMITS
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    # Its state is the commit that was listed: whoever fetches from a copy of this source reads that very commit.
    _wiki: Source | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not _REPOSITORY.fullmatch(self.repository):
            raise UsageError(f"{self.repository!r} is no repository of GitHub; write it as owner/name")
        self._api()

    @property
    def location(self) -> str:
        """The address of the repository."""
        return f"{self._web()}/{self.repository}"

    @property
    def url_prefix(self) -> str | None:
        """None: the link of an issue does not follow from its path."""
        return None

    def snapshot(self) -> Snapshot:
        """List issues and pages of the wiki; raises SourceUnreadable where nothing can be listed."""
        listing = RemoteListing(self.name)
        revision = ""
        with self._api().session() as session, listing.part(f"repository {self.repository!r}"):
            about = session.get(_REPOSITORY_ANSWER, Call(f"/repos/{self.repository}"))
            for label in dict.fromkeys(self.issue_labels) if self.issues and about.has_issues else ():
                with listing.part(f"issues with label {label!r}"):
                    for issue in self._listed(session, label):
                        listing.add(_entry(issue))
            if self.wiki and about.has_wiki:
                revision = self._add_wiki(listing)
        return replace(listing.snapshot(), revision=revision)

    def fetch(self, path: str) -> bytes:
        """Return an issue with its comments as Markdown, or a page of the wiki as it is."""
        if self.wiki and path.startswith(_WIKI):
            self._wiki = self._wiki or self._open_wiki()
            return self._wiki.fetch(path.removeprefix(_WIKI))
        found = _ISSUE_PATH.fullmatch(path)
        if found is None or not self.issues:
            raise DocumentUnreadable(f"{path!r} is no path of this source; list it again")
        target = f"/repos/{self.repository}/issues/{found.group(1)}"
        with self._api().session() as session:
            issue = session.get(_ISSUE, Call(target))
            if issue.pull_request is not None:
                raise DocumentUnavailable(f"{path!r} is a pull request, not an issue; the next sync leaves it out")
            pages = session.pages(_COMMENTS, Call(f"{target}/comments", (("per_page", "100"),)), linked_page)
            comments = tuple(_comment(one) for page in pages for one in page)
        return render_thread(_thread(issue, comments))

    def _api(self) -> RestApi:
        base = checked_url(self.url)
        fixed = (("accept", "application/vnd.github+json"), ("x-github-api-version", "2022-11-28"))
        return RestApi(
            service="GitHub",
            base=base,
            headers=(*fixed, *authorization(base, "Bearer", self.token)),
            token_variable=self.token_variable,
            limits=self.limits,
            sleep=self.sleep,
        )

    def _web(self) -> str:
        """Return the address of the site itself: Enterprise has its API below `/api/v3` of it."""
        base = checked_url(self.url)
        parts = urlsplit(base)
        if (parts.hostname or "").startswith("api."):
            return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"
        return base.removesuffix("/api/v3")

    def _listed(self, session: RestSession, label: str) -> Iterator[_Issue]:
        order = (("state", "all"), ("sort", "created"), ("direction", "asc"), ("per_page", "100"))
        call = Call(f"/repos/{self.repository}/issues", (("labels", label), *order))
        for page in session.numbered_pages(_ISSUES, call, linked_page):
            yield from (issue for issue in page if issue.pull_request is None)

    def _open_wiki(self) -> Source:
        from ingest.sources.git import GitSource

        address = self.wiki_url or f"{self._web()}/{self.repository}.wiki.git"
        token = self.token if address.startswith("https://") and address.startswith(f"{self._web()}/") else None
        return GitSource(name=self.name, url=address, token=token, cache_dir=self._wiki_cache())

    def _wiki_cache(self) -> Path:
        return self.cache_dir / "github-wiki" / self.repository.replace("/", "--")

    def _add_wiki(self, listing: RemoteListing) -> str:
        """Add the wiki's pages; return their commit, "" where there is no wiki."""
        self._wiki = self._open_wiki()
        try:
            pages = self._wiki.snapshot()
        except SourceUnreadable as error:
            if not self._never_had_wiki(str(error)):
                listing.note(f"wiki: {error}")
            return ""
        self._remember_wiki()
        for entry in pages.entries:
            listing.add(replace(entry, path=_WIKI + entry.path, url=self._page_url(entry.path)))
        for problem in () if pages.complete else pages.problems:
            listing.note(f"wiki: {problem}")
        return pages.revision

    def _never_had_wiki(self, said: str) -> bool:
        """Tell from git's words whether there is no wiki.

        A repository may have one and has none before its first page; then GitHub says "not found", or asks who
        is there. One that was read before is not taken for missing: perhaps only the token may no longer see it.
        """
        missing = _NO_WIKI.search(said) or (self.token is None and _ASKS_WHO.search(said))
        return missing is not None and not self._wiki_mark().exists()

    def _wiki_mark(self) -> Path:
        return self._wiki_cache() / "was-read"

    def _remember_wiki(self) -> None:
        with suppress(OSError):  # without the mark a wiki that vanishes is removed, as a person would expect too
            self._wiki_mark().parent.mkdir(parents=True, exist_ok=True)
            self._wiki_mark().touch()

    def _page_url(self, path: str) -> str:
        return f"{self._web()}/{self.repository}/wiki/{quote(PurePosixPath(path).stem)}"


def _labels(issue: _Issue) -> tuple[str, ...]:
    names = (label if isinstance(label, str) else label.name for label in issue.labels)
    return tuple(sorted({name for name in names if name}))


def _entry(issue: _Issue) -> SourceEntry:
    updated = issue.updated_at
    # The text itself counts as well: an answer to a comment may be edited within the second of `updated_at`.
    digest = hashlib.sha256(f"{issue.title}\n{issue.state}\n{_labels(issue)}\n{issue.body}".encode("utf-8", "replace"))
    return SourceEntry(
        path=f"issues/{issue.number}.md",
        fingerprint=f"{updated.isoformat() if updated else ''}-{issue.comments}-{digest.hexdigest()[:12]}",
        size=0,
        url=issue.html_url,
        updated_at=updated,
        title=issue.title or None,
        labels=_labels(issue),
    )


def _comment(comment: _Comment) -> Comment:
    return Comment(comment.user.login if comment.user else "", comment.created_at, comment.body or "")


def _thread(issue: _Issue, comments: tuple[Comment, ...]) -> IssueThread:
    return IssueThread(
        number=issue.number,
        title=issue.title,
        closed=issue.state == "closed",
        author=issue.user.login if issue.user else "",
        opened_at=issue.created_at,
        closed_at=issue.closed_at,
        labels=_labels(issue),
        text=issue.body or "",
        comments=comments,
    )
