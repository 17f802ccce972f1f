"""What a declared source means, in words: what will be read, from where, and on which terms."""

from collections.abc import Iterator, Sequence

from ingest.sources.declarations import (
    AnyDeclaration,
    ConfluenceDeclaration,
    Declaration,
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


def explain(declared: AnyDeclaration) -> str:
    """Return one sentence on what will be read of a source, and how."""
    parts = [f"reads {_what(declared)}", *_terms(declared)]
    sentence = "; ".join(part for part in parts if part)
    return f"{sentence}." if declared.enabled else f"{sentence}; it is disabled, so nothing is read now."


def place_of(declared: AnyDeclaration) -> str:
    """Return where a source is, as the file says it."""
    match declared:
        case FolderDeclaration() | MboxDeclaration() | SlackDeclaration() | PostmortemsDeclaration():
            return declared.path
        case GitDeclaration() | ConfluenceDeclaration():
            return declared.url
        case WebDeclaration():
            return declared.sitemap or ", ".join(declared.start)
        case NotionDeclaration():
            return declared.url or "notion"
        case GithubDeclaration():
            return declared.repository
        case GitlabDeclaration():
            return declared.project


def _what(declared: AnyDeclaration) -> str:
    match declared:
        case FolderDeclaration():
            return f"the files below the folder {declared.path!r}" + (", watched for changes" * declared.watch)
        case GitDeclaration():
            branch = f"branch {declared.branch!r}" if declared.branch else "the default branch"
            below = f" below {declared.subpath!r}" if declared.subpath else ""
            return f"the files{below} of {branch} of the repository {declared.url!r}"
        case WebDeclaration():
            start = f"the sitemap {declared.sitemap!r}" if declared.sitemap else f"the pages {_quoted(declared.start)}"
            return (
                f"at most {declared.max_pages} pages from {start} on, one every {declared.delay_seconds:g} s, as far "
                "as robots.txt allows"
            )
        case ConfluenceDeclaration():
            spaces = f"the spaces {_quoted(declared.spaces)}" if declared.spaces else "all spaces that it may see"
            labelled = f" labelled {_quoted(declared.labels)}" if declared.labels else ""
            files = "with their attachments" if declared.attachments else "without attachments"
            return f"the pages{labelled} of {spaces} of Confluence at {declared.url!r}, {files}"
        case NotionDeclaration():
            below = f"below {_quoted(declared.roots)}" if declared.roots else "that are shared with the integration"
            return f"the Notion pages {below}"
        case GithubDeclaration() | GitlabDeclaration():
            return _hosted(declared)
        case MboxDeclaration():
            return f"the mail threads of {declared.path!r}"
        case SlackDeclaration():
            return f"threads, days and incident channels of the Slack export {declared.path!r}, no direct messages"
        case PostmortemsDeclaration():
            return f"the postmortem records below {declared.path!r}"


def _hosted(declared: GithubDeclaration | GitlabDeclaration) -> str:
    place = declared.repository if isinstance(declared, GithubDeclaration) else declared.project
    labels = f" labelled {_quoted(declared.issue_labels)}" if declared.issue_labels else ""
    parts = ([f"the issues{labels}"] if declared.issues else []) + (["the wiki"] if declared.wiki else [])
    return f"{' and '.join(parts)} of {place!r} on {'GitHub' if declared.type == 'github' else 'GitLab'}"


def _terms(declared: AnyDeclaration) -> Iterator[str]:
    if declared.include:
        yield f"only what matches {_quoted(declared.include)}"
    if declared.exclude:
        yield f"nothing that matches {_quoted(declared.exclude)}"
    if declared.kind is not None:
        yield f"each document is taken as {declared.kind.value}"
    if declared.rules:
        yield f"{_count(len(declared.rules), 'rule')} of its own"
    variable = _variable(declared)
    if variable:
        yield f"with the credential in the environment variable {variable}"
    yield str(declared.schedule) if declared.schedule else "when a sync is run, as it has no schedule"
    if declared.max_deleted_share is not None:
        yield f"a sync stops and asks before it removes more than {declared.max_deleted_share:.0%}"


def _variable(declared: Declaration) -> str | None:
    match declared:
        case GitDeclaration() | ConfluenceDeclaration() | NotionDeclaration() | GithubDeclaration():
            return declared.token_env
        case GitlabDeclaration():
            return declared.token_env
    return None


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(map(repr, words))


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
