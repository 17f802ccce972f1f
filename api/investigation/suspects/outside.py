"""Causes that no change of ours brings about, each with the rows that show it at the time the trouble began."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median

from api.investigation.faults import FaultKind
from api.investigation.incidents import Incident
from api.investigation.observations import Cell, SourceClass
from api.investigation.signals import Signal
from api.investigation.suspects.load import neighbours, surge
from api.investigation.suspects.outside_causes import Outside
from api.investigation.suspects.series_history import History
from api.investigation.suspects.trouble import Telling, Trouble
from api.investigation.telemetry import Happening
from api.investigation.windows import SECOND, Window, instant_text

_EARLY, _LATE = (
    30 * 60 * SECOND,
    15 * 60 * SECOND,
)  # around the onset: some tell late
_READ = 500  # characters of what a provider says
_FACTOR = 5.0  # a provider's figure so many times its usual one is bad
_STATUS_KINDS = frozenset({"provider_status", "provider_incident", "status", "third_party_status"})
_BAD = re.compile(
    r"outage|degrad|disrupt|elevated|unavailable|major|critical|investigating|\bdown\b|impair|incident|"
    r"increased (?:error|lat)",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"(-?\d+(?:\.\d+)?)\s*%?\s*$")
_HOST = re.compile(r"\b((?:[a-z0-9-]+\.)+[a-z]{2,})\b", re.IGNORECASE)
_EXPIRED = re.compile(
    r"(?:certificate|x509|\bcert\b|licen[cs]e|credential|secret|api.?key).{0,80}?(?:expired|not yet valid)", re.I
)
_EXPIRY = re.compile(r"expir|not_?after|valid_?(?:until|for)|(?:days|seconds|hours)_(?:left|remaining)", re.IGNORECASE)
_OF_CERTIFICATES = re.compile(r"\.(?:pem|crt|cer|key|p12|jks|pfx)$|cert|tls.*\.ya?ml$|licen[cs]e", re.IGNORECASE)
_RECORD = re.compile(
    r"\b((?:record|message|msg|event|row|offset|document|object|entity|item|payload|batch)"
    r"(?:[_-]?(?:id|key|no|number|offset))?)"
    r"\s*[=:]\s*[\"']?([\w.:-]*\d[\w.:-]{3,})",
    re.IGNORECASE,
)
_FEWEST = 5  # lines about one record before it counts as stuck
_SAME = 0.9  # share of a component's lines of trouble that are about it


def outside_causes(
    incident: Incident, trouble: Trouble, events: Sequence[Happening], files: Iterable[str]
) -> tuple[Outside, ...]:
    """Return what was seen at the onset that explains the trouble without a change of ours.

    `files` are those that changes touch before the onset: where they hold certificates, an expired one may be ours.
    """
    if trouble.began is None:
        return ()
    window = Window(trouble.began - _EARLY, trouble.began + _LATE)
    history = History(trouble.healthy, trouble.now)
    found = [
        *_providers(trouble, events, window),
        *([] if any(_OF_CERTIFICATES.search(file) for file in files) else _expired(trouble, history, window)),
        *_stuck_record(trouble),
        *surge(incident, history, trouble.began),
        *neighbours(incident, trouble),
    ]
    return tuple(found)


def is_status(event: Happening) -> bool:
    """Tell whether an event is what a provider says of itself."""
    return event.kind.lower() in _STATUS_KINDS


def _providers(trouble: Trouble, events: Sequence[Happening], window: Window) -> list[Outside]:
    told = sorted(filter(is_status, events), key=lambda one: (one.at, one.title))
    bad = [one for one in told if one.at in window and (_figure_is_bad(one, told) or _BAD.search(one.title[:_READ]))]
    named = {name for one in bad for name in _names_of(one)}
    naming = [one for one in trouble.lines if any(name in one.text.lower() for name in named)]
    if not bad or not naming:
        return []
    rows: list[tuple[Cell, ...]] = [(instant_text(one.at), one.title[:200], one.detail[:200]) for one in told]
    first = bad[0]
    claim = (
        f"a provider tells trouble of its own from {instant_text(first.at)} ({first.title[:100]}), "
        f"and {sum(one.count for one in naming)} lines of {naming[0].component} name it"
    )
    return [
        Outside(
            FaultKind.DEPENDENCY_DOWN, Signal.PROVIDER_STATUS, SourceClass.EVENT, naming[0].component,
            first.title[:100], claim, "what the provider's status says", ("time", "title", "about"), tuple(rows),
            first.at,
        )
    ]  # fmt: skip


def _figure_is_bad(one: Happening, told: Sequence[Happening]) -> bool:
    """Tell whether a figure stands far above those that the same provider told before of the same thing."""
    now = _FIGURE.search(one.title[:_READ])
    if now is None:
        return False
    what = one.title[: now.start()]
    before = [
        float(match.group(1))
        for other in told
        if other.at < one.at and other.title.startswith(what)
        for match in [_FIGURE.search(other.title[:_READ])]
        if match
    ]
    return bool(before) and float(now.group(1)) > _FACTOR * max(median(before), 1e-9)


def _names_of(event: Happening) -> set[str]:
    """Return the names by which lines would call a provider: its hosts."""
    told = f"{event.component or ''} {event.title[:_READ]} {event.detail[:_READ]}".lower()
    return {match.group(1) for match in _HOST.finditer(told) if not match.group(1)[0].isdigit()}


def _expired(trouble: Trouble, history: History, window: Window) -> list[Outside]:
    """Return what ran out at the onset: a gauge of what is left that crossed zero, or lines that say so."""
    for series in history.every():
        if not _EXPIRY.search(series.metric):
            continue
        crossing = history.crossed_zero(series, window)
        if crossing is not None:
            return [
                Outside(
                    FaultKind.CREDENTIAL, Signal.ERRORS, SourceClass.METRIC, series.component, series.metric,
                    f"{series.metric} of {series.component} crossed zero at {instant_text(crossing)}: "
                    "it ran out by itself",
                    "the series itself, around its crossing of zero", ("time", "value"),
                    history.around(series, crossing), crossing,
                )
            ]  # fmt: skip
    said = [one for one in trouble.lines if _EXPIRED.search(one.text)]
    if not said:
        return []
    first = min(said, key=lambda one: one.first or 0)
    return [
        Outside(
            FaultKind.CREDENTIAL, Signal.ERROR_LOGS, SourceClass.LOG, first.component, first.text[:100],
            f"{sum(one.count for one in said)} lines say that something ran out: {first.text[:120]!r}",
            "lines that say that a certificate or key expired", ("component", "count", "example"),
            tuple((one.component, one.count, one.text[:400]) for one in said), first.first,
        )
    ]  # fmt: skip


def _stuck_record(trouble: Trouble) -> list[Outside]:
    """Return a record that fails again and again, where nearly all lines of trouble of a component are about it."""
    found: list[Outside] = []
    for component in sorted({one.component or "" for one in trouble.lines}):
        own = [one for one in trouble.lines if one.component == component]
        found.extend(_stuck_at(component, own))
    return found[:1]


def _stuck_at(component: str, own: Sequence[Telling]) -> list[Outside]:
    counted: Counter[tuple[str, str]] = Counter()
    for one in own:
        for key, value in _RECORD.findall(one.text):
            if not any(part in value or value in part for part in one.varying):
                counted[key.lower(), value] += one.count
    lines = sum(one.count for one in own)
    best = max(counted.items(), key=lambda item: (item[1], item[0]), default=None)
    if best is None or best[1] < _FEWEST or best[1] < _SAME * lines:
        return []
    (key, value), count = best
    return [
        Outside(
            FaultKind.DATA_ERROR, Signal.ERROR_LOGS, SourceClass.LOG, component, f"{key} {value}",
            f"{count} of {lines} lines of trouble of {component} are about one and the same {key}, {value}: "
            "it fails again and again",
            f"lines of trouble of {component} by the {key} that they name", ("component", "count", "example"),
            tuple((one.component, one.count, one.text[:400]) for one in own), own[0].first,
        )
    ]  # fmt: skip
