"""Where a link points: host, repository and path segments of a URL or a path, folded so that variants meet."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_VIEWS = frozenset({"blob", "tree", "raw", "edit", "blame", "src", "browse", "plain"})
_RAW_HOSTS = frozenset({"raw.githubusercontent.com"})
_CODE_HOST = re.compile(r"(?:^|\.)(?:github|gitlab|bitbucket|codeberg|gitea|sr)\.")
_ENDINGS = re.compile(
    r"(?:\.html)?\.(?:md|mdx|markdown|mdown|html?|rst|adoc|asciidoc|txt|erb|pdf|docx)$", re.IGNORECASE
)
_INDEXES = frozenset({"index", "_index", "readme", "default"})
_SEPARATORS = re.compile(r"[\s_+-]+")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+")
_MOST_SEGMENTS = 40
_COMMON = """
about access-control alerting alerts api architecture best-practices backup changelog cli concepts configuration
contributing debugging deployment design development docs example examples faq getting-started glossary guide
high-availability how-to index install installation introduction logging logs maintenance metrics migration monitoring
operations overview postmortem prerequisites quick-start quickstart readme reference release-notes releases
requirements roadmap runbook runbooks scaling security services setup storage support template testing troubleshooting
tutorial upgrade upgrading usage user-guide
"""
_COMMON_NAMES = frozenset(_COMMON.split())
_SITE = """
com org net io dev www github gitlab bitbucket docs doc documentation site wiki pages blob main master tree runbooks
runbook playbooks content raw githubusercontent http https page website handbook readthedocs en
"""
SITE_WORDS = frozenset(_SITE.split())
"""Words of hosts and of names of sources that tell nothing of whose they are."""

_CAMEL_CASE = re.compile(r"^(?:[A-Z]+[a-z0-9]+){2,}[A-Z]*$")
_FIGURES = re.compile(r"[0-9]+")
_SHORTEST_WORD = 2
_FEWEST_WORDS = 2
_LONG_NAME = 20


@dataclass(frozen=True, slots=True)
class Place:
    """What a link points to.

    `host` is "" for a path, `repository` the owner and name on a code host and () elsewhere. `segments` is
    the path below the repository or site, the branch left out where it is one word, an index page left out,
    the last one without its ending; `exact` keeps the case of the letters, `segments` does not.
    """

    host: str
    repository: tuple[str, ...]
    exact: tuple[str, ...]
    segments: tuple[str, ...]
    anchor: str


def place_of(link: str) -> Place | None:
    """Return the place a URL or path names; None where it names none (mailto:, an anchor, a broken URL)."""
    try:
        parts = urlsplit(link.strip())
    except ValueError:
        return None
    if parts.scheme not in ("", "http", "https") or (parts.scheme and not parts.netloc):
        return None
    host = parts.netloc.rpartition("@")[2].lower().removeprefix("www.")
    raw = [segment for segment in unquote(parts.path).split("/") if segment not in ("", ".")]
    if len(raw) > _MOST_SEGMENTS or "\x00" in parts.path or (not raw and not host):
        return None
    repository, below = _repository(host, raw)
    exact = page_segments(below)
    return Place(host, repository, exact, tuple(map(fold_segment, exact)), unquote(parts.fragment))


def page_segments(segments: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Return the segments of a page's path without its ending, and without the last one of an index page."""
    if not segments:
        return ()
    last = _ENDINGS.sub("", segments[-1])
    if last.lower() in _INDEXES:
        return tuple(segments[:-1])
    return (*segments[:-1], last or segments[-1])


def fold_segment(segment: str) -> str:
    """Return a path segment in lower case, its white space and underscores as hyphens."""
    return _SEPARATORS.sub("-", segment.lower())


def words_of(name: str) -> frozenset[str]:
    """Return the words of a name, CamelCase cut, in lower case."""
    return frozenset(word.lower() for word in _WORDS.findall(name))


def is_telling(name: str) -> bool:
    """Tell whether a page's name says which page it is: several words, and none that every handbook has."""
    return telling_words(name) >= _FEWEST_WORDS or (len(name) >= _LONG_NAME and fold_segment(name) not in _COMMON_NAMES)


def telling_words(name: str) -> int:
    """Return how many words a page's name has, figures aside; 0 for a name that every handbook has."""
    if fold_segment(name) in _COMMON_NAMES:
        return 0
    return sum(len(_FIGURES.sub("", word)) >= _SHORTEST_WORD for word in words_of(name))


def is_camel_case(name: str) -> bool:
    """Tell whether a name is written as alerts are: several words in CamelCase."""
    return bool(_CAMEL_CASE.match(name))


def _repository(host: str, raw: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """Cut a code host's path into repository and path below it, branch or commit left out."""
    if not host:
        return (), raw
    if host in _RAW_HOSTS and len(raw) > 3:
        return _names(raw[:2]), raw[3:]
    for number, segment in enumerate(raw):
        if segment in _VIEWS and number >= 2 and len(raw) > number + 1:
            ref = number + (3 if segment == "src" and raw[number + 1] in ("branch", "commit", "tag") else 2)
            return _names(raw[:number]), raw[ref:]
        if segment in ("wiki", "wikis") and number >= 2:
            return _names(raw[:number]), raw[number + 1 :]
    if _CODE_HOST.search(host):
        return _names(raw[:2]), raw[2:]
    return (), raw


def _names(segments: list[str]) -> tuple[str, ...]:
    """Return owner and name of a repository; "-" stands before the view on one code host."""
    return tuple(segment.lower() for segment in segments if segment != "-")
