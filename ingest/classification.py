"""What a document is: kind, status, services, owners and date, from path, front matter and content.

A person's word wins: a correction, then a rule for the path, then what a source as a whole was declared to be.
Then comes what the document states of itself in front matter, then path, then content.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from ingest.knowledge.documents import DocumentKind, DocumentStatus, ParsedText
from ingest.terms import PathTerms

_WORDS_OF_KINDS: Mapping[DocumentKind, tuple[str, ...]] = {
    DocumentKind.RUNBOOK: ("runbook", "playbook", "sop", "troubleshooting", "alert", "how-to", "howto"),
    DocumentKind.ARCHITECTURE: ("architecture", "design", "adr", "service", "concept", "overview"),
    DocumentKind.POSTMORTEM: ("postmortem", "post-mortem", "incident", "incident-report", "rca", "retrospective"),
    DocumentKind.REFERENCE: ("reference", "process", "handbook", "documentation"),
}
_KIND_WORDS = {word: kind for kind, words in _WORDS_OF_KINDS.items() for word in words}
_PATH_KINDS = (
    (re.compile(r"post-?mortem|incident-?report|incidents?/|outage|\brca\b|retro"), DocumentKind.POSTMORTEM),
    (re.compile(r"run-?book|playbook|alerts?/|troubleshoot|how-?to|\bsops?\b"), DocumentKind.RUNBOOK),
    (re.compile(r"architect|design|\badrs?\b|decision|concept|overview|/arch/"), DocumentKind.ARCHITECTURE),
)
_HEADING_KINDS = (
    (re.compile(r"root cause|time ?line|lessons learn|what went w|action items|impact"), DocumentKind.POSTMORTEM),
    (
        re.compile(r"diagnos|mitigat|remediat|meaning|resolution|troubleshoot|rollback|steps|procedure|verif"),
        DocumentKind.RUNBOOK,
    ),
    (re.compile(r"architect|component|depend|data flow|overview|design|topology"), DocumentKind.ARCHITECTURE),
)
_STATUS_WORDS: Mapping[str, DocumentStatus] = {
    **dict.fromkeys(("deprecated", "archived", "obsolete", "outdated", "retired", "stale"), DocumentStatus.DEPRECATED),
    **dict.fromkeys(("superseded", "replaced"), DocumentStatus.SUPERSEDED),
    **dict.fromkeys(("draft", "wip", "proposed"), DocumentStatus.DRAFT),
}
_STATUS_FOLDER = re.compile(r"(?:^|/)(archived?|deprecated|obsolete|old)/")
_STATUS_TEXT = re.compile(
    r"\b(?:this|the) (?:\w+ )?(?:document|page|runbook|procedure|guide|playbook|doc) (?:is|has been|was) "
    r"(?:now )?(deprecated|obsolete|outdated|superseded|replaced|archived|retired)\b|"
    r"^\W*(deprecated|obsolete|superseded)\W*(?:$|by\b|:|-)",
    re.IGNORECASE | re.MULTILINE,
)
_DATE_KEYS = (
    "updated",
    "updated_at",
    "last_updated",
    "last-updated",
    "last_reviewed",
    "lastmod",
    "reviewed",
    "date",
)
_REVIEW_KEYS = ("review_by", "review-by", "review_date", "next_review", "review_due", "valid_until", "expires")
_PATH_DATE = re.compile(r"(20\d\d)-(\d\d)-(\d\d)")
_HEAD = 800  # characters in which a document states that it is out of date


@dataclass(frozen=True, slots=True)
class Classification:
    """What was found out about a document; `reason` says what settled its kind."""

    kind: DocumentKind
    status: DocumentStatus
    services: tuple[str, ...]
    owners: tuple[str, ...]
    updated_at: datetime | None
    superseded_by: str | None
    reason: str
    review_by: date | None = None
    labels: tuple[str, ...] = ()


def classify(
    path: str,
    parsed: ParsedText,
    *,
    kind: DocumentKind | None,
    modified: datetime | None,
    terms: PathTerms | None = None,
) -> Classification:
    """Classify a parsed document.

    `kind` is a person's word for it and wins; `terms` are what the rules say of its path. Owners and
    services of a rule stand in where the document names none, its labels are added. `modified` is the
    date that the source vouches for and is used where neither front matter nor file name state one.
    """
    ruled = terms or PathTerms()
    metadata = {key.lower(): value for key, value in parsed.metadata.items()}
    stated = kind or ruled.kind
    found, reason = (stated, "set by a person") if stated else _kind(path.lower(), metadata, parsed)
    superseded_by = ruled.superseded_by or _text(metadata.get("superseded_by") or metadata.get("replaced_by"))
    labels = (*_names(metadata, ("tags",)), *_names(metadata, ("labels",)), *ruled.labels)
    return Classification(
        kind=found,
        status=ruled.status or _status(path.lower(), metadata, parsed, superseded_by),
        services=_names(metadata, ("services", "service", "component", "components", "app")) or ruled.services,
        owners=_names(metadata, ("owners", "owner", "team", "teams", "owner_slack", "maintainer")) or ruled.owners,
        updated_at=_date(path, metadata) or modified,
        superseded_by=superseded_by,
        reason=reason,
        review_by=ruled.review_by or _review_date(metadata),
        labels=tuple(dict.fromkeys(labels)),
    )


def _kind(path: str, metadata: Mapping[str, object], parsed: ParsedText) -> tuple[DocumentKind, str]:
    if parsed.extract.rules:
        return DocumentKind.ALERT, "is a rule of a rule file"
    for key in ("kind", "type", "doc_type", "category"):
        stated = _text(metadata.get(key))
        for word in (stated.lower(), stated.lower().removesuffix("s")) if stated else ():
            if word in _KIND_WORDS:
                return _KIND_WORDS[word], f"front matter {key}: {stated}"
    for pattern, kind in _PATH_KINDS:
        match = pattern.search(path)
        if match:
            return kind, f"path has {match.group().strip('/')!r}"
    headings = " | ".join(section.heading_path[-1].lower() for section in parsed.sections if section.heading_path)
    scores = [(len(set(pattern.findall(headings))), kind) for pattern, kind in _HEADING_KINDS]
    best, kind = max(scores, key=lambda scored: scored[0])
    if best >= 2:
        return kind, f"{best} headings typical of a {kind.value}"
    return DocumentKind.REFERENCE, "nothing says otherwise"


def _status(path: str, metadata: Mapping[str, object], parsed: ParsedText, superseded_by: str | None) -> DocumentStatus:
    stated = (_text(metadata.get("status")) or "").lower()
    if stated in _STATUS_WORDS:
        return _STATUS_WORDS[stated]
    if superseded_by:
        return DocumentStatus.SUPERSEDED
    if metadata.get("deprecated") is True or _STATUS_FOLDER.search(path):
        return DocumentStatus.DEPRECATED
    if metadata.get("draft") is True:
        return DocumentStatus.DRAFT
    start = parsed.sections[0].span.start if parsed.sections else 0
    match = _STATUS_TEXT.search(parsed.text[start : start + _HEAD])
    word = (match.group(1) or match.group(2)).lower() if match else ""
    return _STATUS_WORDS.get(word, DocumentStatus.CURRENT)


def _date(path: str, metadata: Mapping[str, object]) -> datetime | None:
    for key in _DATE_KEYS:
        found = _moment(metadata.get(key))
        if found is not None:
            return found
    match = _PATH_DATE.search(path)
    if match:
        try:
            return datetime.strptime(match.group(), "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            return None
    return None


def _moment(value: object) -> datetime | None:
    """Return the time that a front matter value states; a date counts from midnight, UTC where no zone is said."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return None


def _review_date(metadata: Mapping[str, object]) -> date | None:
    for key in _REVIEW_KEYS:
        found = _moment(metadata.get(key))
        if found is not None:
            return found.date()
    return None


def _names(metadata: Mapping[str, object], keys: Sequence[str]) -> tuple[str, ...]:
    for key in keys:
        value = metadata.get(key)
        if isinstance(value, str):
            value = value.split(",")
        if isinstance(value, list):
            names = [_storable(str(item)).strip() for item in value if isinstance(item, (str, int))]
            return tuple(dict.fromkeys(name for name in names if name))
    return ()


def _text(value: object) -> str | None:
    return _storable(value).strip() or None if isinstance(value, str) else None


def _storable(text: str) -> str:
    """Return `text` without lone surrogates, which YAML escapes can make and no store takes."""
    return text.encode("utf-8", "replace").decode()
