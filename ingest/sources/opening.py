"""From a declared source to the adapter that reads it; each adapter is imported when one of its type is opened."""

from collections.abc import Mapping
from pathlib import Path

from ingest.errors import UsageError
from ingest.sources.declarations import (
    AnyDeclaration,
    ConfluenceDeclaration,
    FolderDeclaration,
    GitDeclaration,
    GithubDeclaration,
    GitlabDeclaration,
    MboxDeclaration,
    NotionDeclaration,
    PostmortemsDeclaration,
    SlackDeclaration,
    WebDeclaration,
)
from ingest.sources.filtered import filtered
from ingest.sources.source import Source


def open_source(declaration: AnyDeclaration, *, base: Path, cache_dir: Path, environment: Mapping[str, str]) -> Source:
    """Return the source that is declared; nothing is read yet.

    `base` is the folder of the file it is declared in: paths are relative to it. Each source keeps what it
    downloads in a folder of its own below `cache_dir`. Credentials come from `environment`. Raises UsageError
    where a path or a variable is missing.
    """
    opening = _Opening(base, cache_dir / declaration.name, environment)
    match declaration:
        case FolderDeclaration():
            return opening.folder(declaration)
        case GitDeclaration():
            return opening.git(declaration)
        case WebDeclaration():
            return opening.web(declaration)
        case ConfluenceDeclaration() | NotionDeclaration() | GithubDeclaration() | GitlabDeclaration():
            source = opening.service(declaration)
        case MboxDeclaration() | SlackDeclaration() | PostmortemsDeclaration():
            source = opening.archive(declaration)
    return filtered(source, declaration.include, declaration.exclude)


class _Opening:
    def __init__(self, base: Path, cache_dir: Path, environment: Mapping[str, str]) -> None:
        self._base = base
        self._cache_dir = cache_dir
        self._environment = environment

    def folder(self, declared: FolderDeclaration) -> Source:
        from ingest.sources.folder import FolderSource

        return FolderSource(
            [self._path(declared, declared.path)],
            name=declared.name,
            url_prefix=declared.url_prefix,
            includes=declared.include,
            excludes=declared.exclude,
        )

    def git(self, declared: GitDeclaration) -> Source:
        from ingest.sources.git import GitSource

        remote = "://" in declared.url or _is_scp_like(declared.url)
        return GitSource(
            name=declared.name,
            url=declared.url if remote else str(self._path(declared, declared.url)),
            branch=declared.branch,
            subpath=declared.subpath,
            web_url=declared.web_url,
            token=self._token(declared.name, declared.token_env),
            cache_dir=self._cache_dir,
            include=declared.include,
            exclude=declared.exclude,
        )

    def web(self, declared: WebDeclaration) -> Source:
        from ingest.sources.web import WebSource

        return WebSource(
            name=declared.name,
            start=declared.start,
            sitemap=declared.sitemap,
            max_pages=declared.max_pages,
            max_depth=declared.max_depth,
            delay_seconds=declared.delay_seconds,
            include=declared.include,
            exclude=declared.exclude,
            cache_dir=self._cache_dir,
        )

    def service(
        self, declared: ConfluenceDeclaration | NotionDeclaration | GithubDeclaration | GitlabDeclaration
    ) -> Source:
        token = self._token(declared.name, declared.token_env)
        match declared:
            case ConfluenceDeclaration():
                return _confluence(declared, token)
            case NotionDeclaration():
                return _notion(declared, token or "")
            case GithubDeclaration():
                return _github(declared, token, self._cache_dir)
            case GitlabDeclaration():
                return _gitlab(declared, token)

    def archive(self, declared: MboxDeclaration | SlackDeclaration | PostmortemsDeclaration) -> Source:
        path = self._path(declared, declared.path)
        match declared:
            case MboxDeclaration():
                from ingest.sources.mbox import MboxSource

                return MboxSource(name=declared.name, path=path)
            case SlackDeclaration():
                from ingest.sources.slack import SlackSource

                return SlackSource(name=declared.name, path=path)
            case PostmortemsDeclaration():
                from ingest.sources.postmortems import PostmortemsSource

                return PostmortemsSource(name=declared.name, path=path)

    def _path(self, declared: AnyDeclaration, stated: str) -> Path:
        path = self._base / _expanded(stated)
        if not path.exists():
            raise UsageError(
                f"source {declared.name!r}: {stated!r} is no file or folder below {str(self._base)!r}; correct its path"
            )
        return path.absolute()

    def _token(self, name: str, variable: str | None) -> str | None:
        if variable is None:
            return None
        value = self._environment.get(variable, "").strip()
        if not value:
            raise UsageError(
                f"source {name!r}: the environment variable {variable!r} is not set; set it to the token, or take "
                "'token_env' out to read without one"
            )
        return value


def _confluence(declared: ConfluenceDeclaration, token: str | None) -> Source:
    from ingest.sources.confluence import ConfluenceSource

    return ConfluenceSource(
        name=declared.name,
        url=declared.url,
        spaces=declared.spaces,
        labels=declared.labels,
        attachments=declared.attachments,
        user=declared.user,
        token=token,
        token_variable=declared.token_env or "",
    )


def _notion(declared: NotionDeclaration, token: str) -> Source:
    from ingest.sources.notion import NotionSource

    if declared.url is None:
        return NotionSource(name=declared.name, token=token, roots=declared.roots, token_variable=declared.token_env)
    return NotionSource(
        name=declared.name,
        token=token,
        roots=declared.roots,
        url=declared.url,
        token_variable=declared.token_env,
    )


def _github(declared: GithubDeclaration, token: str | None, cache_dir: Path) -> Source:
    from ingest.sources.github import GithubSource

    return GithubSource(
        name=declared.name,
        repository=declared.repository,
        issue_labels=declared.issue_labels,
        issues=declared.issues,
        wiki=declared.wiki,
        token=token,
        token_variable=declared.token_env or "",
        url=declared.url or "https://api.github.com",
        cache_dir=cache_dir,
    )


def _gitlab(declared: GitlabDeclaration, token: str | None) -> Source:
    from ingest.sources.gitlab import GitlabSource

    return GitlabSource(
        name=declared.name,
        project=declared.project,
        issue_labels=declared.issue_labels,
        issues=declared.issues,
        wiki=declared.wiki,
        token=token,
        token_variable=declared.token_env or "",
        url=declared.url or "https://gitlab.com",
    )


def _is_scp_like(url: str) -> bool:
    """Tell `git@host:path` from a local path, as git does: a colon before the first slash."""
    return ":" in url.partition("/")[0]


def _expanded(stated: str) -> Path:
    try:
        return Path(stated).expanduser()
    except RuntimeError as error:
        raise UsageError(f"the home folder in {stated!r} is not known; write the whole path") from error
