"""The schema of `groundwatch.yaml`: which sources there are, what is known of their documents, how they are kept."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ingest.errors import UsageError
from ingest.knowledge.documents import DocumentKind, DocumentStatus
from ingest.sources import schedules
from ingest.sources.declared_values import (
    AllowedPatterns,
    CronLine,
    Duration,
    Glob,
    Globs,
    Names,
    Repository,
    Share,
    Slug,
    Text,
    Variable,
    WebAddress,
    WebAddresses,
)
from ingest.sources.globs import matches

FILE_NAMES = ("groundwatch.yaml", "groundwatch.yml")
"""The names under which declarations are looked for."""


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Declared):
    """What is known of the documents that `match` covers; None leaves a thing to the document itself."""

    match: Glob
    kind: DocumentKind | None = None
    status: DocumentStatus | None = None
    superseded_by: Text | None = None
    owners: Names | None = None
    services: Names | None = None
    labels: Names | None = None
    review_by: date | None = None
    access: Names | None = None


class Schedule(_Declared):
    """When a source is read again: `every` so often, or at the times of a `cron` line (UTC)."""

    every: Duration | None = None
    cron: CronLine | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "Schedule":
        if (self.every is None) == (self.cron is None):
            raise ValueError("give either 'every' (such as 30m) or 'cron' (such as '15 3 * * *')")
        return self

    def __str__(self) -> str:
        return f"cron {self.cron} (UTC)" if self.every is None else f"every {schedules.words(self.every)}"


class Declaration(_Declared):
    """What every source says of itself."""

    name: Slug
    kind: DocumentKind | None = None
    enabled: bool = True
    include: Globs = ()
    exclude: Globs = ()
    rules: tuple[Rule, ...] = ()
    schedule: Schedule | None = None
    max_deleted_share: Share | None = None


class FolderDeclaration(Declaration):
    """Files below a folder."""

    type: Literal["folder"]
    path: Text
    url_prefix: WebAddress | None = None
    watch: bool = False


class GitDeclaration(Declaration):
    """Files of a git repository, local or remote."""

    type: Literal["git"]
    url: Repository
    branch: Text | None = None
    subpath: str = ""
    web_url: WebAddress | None = None
    token_env: Variable | None = None


class WebDeclaration(Declaration):
    """Pages of a web site."""

    type: Literal["web"]
    start: WebAddresses = ()
    sitemap: WebAddress | None = None
    max_pages: Annotated[int, Field(ge=1, le=100_000)] = 500
    max_depth: Annotated[int, Field(ge=0, le=50)] = 5
    delay_seconds: Annotated[float, Field(ge=0, le=60)] = 0.5

    @model_validator(mode="after")
    def _starts_somewhere(self) -> "WebDeclaration":
        if bool(self.start) == bool(self.sitemap):
            raise ValueError("give either 'start' (addresses of pages) or 'sitemap' (the address of one)")
        return self


class ConfluenceDeclaration(Declaration):
    """Pages of Confluence spaces."""

    type: Literal["confluence"]
    url: WebAddress
    spaces: Names = ()
    labels: Names = ()
    attachments: bool = True
    user: Text | None = None
    token_env: Variable | None = None


class NotionDeclaration(Declaration):
    """Pages that a Notion integration may read."""

    type: Literal["notion"]
    token_env: Variable
    roots: Names = ()
    url: WebAddress | None = None


class _HostedDeclaration(Declaration):
    issue_labels: Names = ("postmortem", "incident")
    issues: bool = True
    wiki: bool = True
    token_env: Variable | None = None
    url: WebAddress | None = None

    @model_validator(mode="after")
    def _reads_something(self) -> "_HostedDeclaration":
        if not (self.issues or self.wiki):
            raise ValueError("'issues' and 'wiki' are both false, so nothing would be read; set one to true")
        return self


class GithubDeclaration(_HostedDeclaration):
    """Issues and wiki of a GitHub repository."""

    type: Literal["github"]
    repository: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$")]


class GitlabDeclaration(_HostedDeclaration):
    """Issues and wiki of a GitLab project."""

    type: Literal["gitlab"]
    project: Text


class MboxDeclaration(Declaration):
    """Mail archives, one document a thread."""

    type: Literal["mbox"]
    path: Text


class SlackDeclaration(Declaration):
    """A Slack export, a folder or a .zip file."""

    type: Literal["slack"]
    path: Text


class PostmortemsDeclaration(Declaration):
    """A folder of postmortems as records: front matter, YAML or JSON."""

    type: Literal["postmortems"]
    path: Text
    kind: DocumentKind | None = DocumentKind.POSTMORTEM


AnyDeclaration = Annotated[
    FolderDeclaration
    | GitDeclaration
    | WebDeclaration
    | ConfluenceDeclaration
    | NotionDeclaration
    | GithubDeclaration
    | GitlabDeclaration
    | MboxDeclaration
    | SlackDeclaration
    | PostmortemsDeclaration,
    Field(discriminator="type"),
]
"""A source of any type; `type` says which."""


class Redaction(_Declared):
    """What is no secret although it looks like one: regular expressions over the text that was found."""

    allow: AllowedPatterns = ()


class Promotion(_Declared):
    """When a new generation may serve: how many of the questions' answers it may lose."""

    enabled: bool = True
    questions: Text | None = None
    max_lost_share: Share = 0.2


class Notify(_Declared):
    """Where a failed run is reported: the address itself, or the environment variable that holds it."""

    webhook: WebAddress | None = None
    webhook_env: Variable | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "Notify":
        if (self.webhook is None) == (self.webhook_env is None):
            raise ValueError("give either 'webhook' (an address) or 'webhook_env' (the variable that holds it)")
        return self


class Declarations(_Declared):
    """A whole `groundwatch.yaml`."""

    version: Literal[1]
    sources: tuple[AnyDeclaration, ...] = ()
    rules: tuple[Rule, ...] = ()
    redaction: Redaction = Redaction()
    promotion: Promotion = Promotion()
    notify: Notify | None = None
    keep_generations: Annotated[int, Field(ge=2, le=1000)] = 3
    tombstone_days: Annotated[int, Field(ge=0, le=36_500)] = 30

    def source(self, name: str) -> AnyDeclaration:
        """Return the source of that name; raises UsageError where there is none."""
        for declared in self.sources:
            if declared.name == name:
                return declared
        known = ", ".join(declared.name for declared in self.sources) or "(none)"
        raise UsageError(f"no source {name!r} is declared; known: {known}")


def load_declarations(file: Path) -> Declarations:
    """Read and check a file of declarations.

    Raises UsageError with every problem, one a line, each with file, line, key, value and what to do.
    """
    from ingest.sources.declaration_files import read_declarations

    return read_declarations(file, Declarations)


def find_declarations(start: Path) -> Path | None:
    """Return the declarations of `start` or, inside a git repository, of the nearest folder above it there."""
    folders = [start.absolute(), *start.absolute().parents]
    repository = next((number for number, folder in enumerate(folders) if (folder / ".git").exists()), 0)
    # Not beyond the repository: a file that somebody else put into /tmp must not decide what is read.
    candidates = (folder / name for folder in folders[: repository + 1] for name in FILE_NAMES)
    return next((file for file in candidates if file.is_file()), None)


def rules_for(path: str, declaration: Declaration, declarations: Declarations) -> Rule:
    """Return what all rules that match `path` say together; later rules win, and those of the source last."""
    merged = Rule.model_construct(match=path)
    for rule in (*declarations.rules, *declaration.rules):
        if matches(path, rule.match):
            stated = {key: getattr(rule, key) for key in rule.model_fields_set - {"match"}}
            merged = merged.model_copy(update=stated)
    return merged
