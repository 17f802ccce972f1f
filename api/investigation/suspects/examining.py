"""Examine an incident for the change behind it: read the trouble, look outside, weigh the changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from api.investigation.incidents import Incident
from api.investigation.observations import SourceClass
from api.investigation.reports import Brief
from api.investigation.series.naming import meaning_of
from api.investigation.signals import Signal
from api.investigation.suspects.blame import SLACK, Rules, Weighed, weigh
from api.investigation.suspects.diffs import read_diff
from api.investigation.suspects.outside import outside_causes
from api.investigation.suspects.outside_causes import Outside
from api.investigation.suspects.series_history import History
from api.investigation.suspects.trouble import Trouble, trouble_of
from api.investigation.telemetry import Happening, Series
from api.investigation.windows import Window

BEFORE = 7 * 86_400.0
"""Seconds of changes before the window that are read."""

MOST = 500
"""Changes that are weighed: the last ones before the end of the window."""

_FILLING = frozenset({Signal.MEMORY, Signal.DISK, Signal.SATURATION})
_UNSURE = 0.1  # share of a slow rise by which its start may be off


@dataclass(frozen=True, slots=True)
class SlowRise:
    """A series that had been rising steadily before the symptom: its turn may be `unsure` microseconds later."""

    series: Series
    since: int
    unsure: int


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found: the trouble, causes outside, a slow rise before it if there is one, and the changes weighed."""

    trouble: Trouble
    outside: tuple[Outside, ...]
    rise: SlowRise | None
    weighed: Weighed


def changes_before(brief: Brief) -> tuple[list[Happening], list[Happening]]:
    """Return the changes of seven days and the window, and the events of the same time, within the budget."""
    window = brief.incident.window
    since = Window(window.before(BEFORE).start, window.end)
    told = [_written(one) for one in brief.telemetry.happenings(since) if brief.budget.allows(1)]
    return (
        [one for one in told if one.source is SourceClass.CHANGE],
        [one for one in told if one.source is SourceClass.EVENT],
    )


def _written(one: Happening) -> Happening:
    """Return a happening whose texts can be written down: a lone surrogate of a broken source is replaced."""
    title, ref, detail, author = (
        text.encode("utf-8", "replace").decode() for text in (one.title, one.ref, one.detail, one.author)
    )
    return replace(one, title=title, ref=ref, detail=detail, author=author)


def examine(
    brief: Brief, changes: Sequence[Happening], events: Sequence[Happening], rules: Rules | None = None
) -> Examined:
    """Examine an incident, given its changes and events."""
    rules = rules or Rules()
    trouble = trouble_of(brief)
    rise = _slow_rise(brief.incident, trouble) if rules.slow_onset else None
    began = trouble.began if rise is None else rise.since + rise.unsure
    files = [file for one in changes if _is_before(one, trouble) for file in read_diff(one.detail).files]
    outside = outside_causes(brief.incident, trouble, events, files)
    return Examined(trouble, outside, rise, weigh(changes, trouble, outside, began, rules))


def _is_before(change: Happening, trouble: Trouble) -> bool:
    return trouble.began is None or change.at <= trouble.began + SLACK


def _slow_rise(incident: Incident, trouble: Trouble) -> SlowRise | None:
    """Return what had been filling up at the symptom's component since before the symptom; the clearest one."""
    if trouble.began is None:
        return None
    history = History(trouble.healthy, trouble.now)
    found: list[SlowRise] = []
    for series in history.every():
        if series.component != incident.symptom.component or meaning_of(series.metric).signal not in _FILLING:
            continue
        since = history.rises_since(series, trouble.began - SLACK)  # what overflows starts anew
        if since is not None:
            found.append(SlowRise(series, since, round(_UNSURE * (trouble.began - since))))
    return min(found, key=lambda one: (one.since, one.series.metric), default=None)
