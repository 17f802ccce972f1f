"""Which stored observations the evidence board draws, chosen by what the verdict rests on and how unusual it was."""

from collections.abc import Callable, Iterator

from api.schemas.investigations import FindingView, Incident, InvestigationResult, ObservationSummary, Window
from ui.components.investigation_moments import is_symptom

MOST_SERIES = 5
_MOST_LOGS = 2
_WIDEST = 20  # lengths of the trouble that are drawn before it, so that its own points are not squeezed into a line
_SPANS = ("component", "operation", "depth", "begins_us", "takes_us", "failed")

Fits = Callable[[ObservationSummary], bool]


def series_choice(result: InvestigationResult) -> list[tuple[FindingView, ObservationSummary]]:
    """Return at most MOST_SERIES series with the finding of each: the symptom's, the cause's, those of others."""
    seen: set[tuple[str, str]] = set()
    of_component: dict[str, int] = {}
    chosen: list[tuple[FindingView, ObservationSummary]] = []
    found = list(_found(result, _is_series))
    for finding, first in found:
        rows = _fullest(finding, first, found)
        component = rows.component or finding.component
        limit = 2 if component == _cause(result) else 1
        key = (component, finding.subject)
        if key in seen or of_component.get(component, 0) >= limit:
            continue
        seen.add(key)
        of_component[component] = of_component.get(component, 0) + 1
        chosen.append((finding, rows))
        if len(chosen) == MOST_SERIES:
            break
    return chosen


def log_choice(result: InvestigationResult) -> list[ObservationSummary]:
    """Return the tables of log templates to show, that of the cause first."""
    found = list(dict.fromkeys(rows.id for _, rows in _found(result, _is_templates)))
    by_id = {one.id: one for one in result.observations}
    cause = _cause(result)
    ordered = sorted((by_id[name] for name in found), key=lambda one: one.component != cause)
    return ordered[:_MOST_LOGS]


def trace_choice(result: InvestigationResult) -> ObservationSummary | None:
    """Return the example of a request; None where none was kept."""
    return next((rows for _, rows in _found(result, lambda one: tuple(one.columns) == _SPANS)), None)


def drawn_window(incident: Incident) -> Window:
    """Return the time that plots show: the trouble, and the healthy time where it lies right before."""
    trouble, healthy = incident.window, incident.baseline
    length = max(1, trouble.end - trouble.start)
    start = trouble.start
    if healthy is not None and healthy.start < trouble.start and trouble.start - healthy.end <= length:
        start = max(healthy.start, trouble.start - _WIDEST * length)
    return Window(start=start, end=trouble.end)


def _found(result: InvestigationResult, fits: Fits) -> Iterator[tuple[FindingView, ObservationSummary]]:
    """Give findings with the first observation of each that fits, those that count more first."""
    observations = {one.id: one for one in result.observations}
    for finding in _ordered(result):
        rows = next((observations[name] for name in finding.observations if _has(observations, name, fits)), None)
        if rows is not None:
            yield finding, rows


def _fullest(
    finding: FindingView, first: ObservationSummary, found: list[tuple[FindingView, ObservationSummary]]
) -> ObservationSummary:
    """Return the rows with the most points of the same series: some findings keep those of the window only."""
    same = [rows for other, rows in found if (rows.component, other.subject) == (first.component, finding.subject)]
    return max(same, key=lambda rows: rows.kept, default=first)


def _has(observations: dict[str, ObservationSummary], name: str, fits: Fits) -> bool:
    return name in observations and fits(observations[name])


def _ordered(result: InvestigationResult) -> list[FindingView]:
    cause = result.verdict.cause
    support = {name: place for place, name in enumerate(cause.support)} if cause is not None else {}

    def rank(one: FindingView) -> tuple[int, int, float]:
        if is_symptom(one):
            return 0, 0, -one.score
        return (1, support[one.id], 0.0) if one.id in support else (2, 0, -one.score)

    return sorted((one for one in result.findings if one.id not in result.rejected), key=rank)


def _cause(result: InvestigationResult) -> str:
    return result.verdict.cause.component if result.verdict.cause is not None else ""


def _is_series(one: ObservationSummary) -> bool:
    return len(one.columns) == 2 and one.columns[0] in ("time_us", "at_us") and one.kept > 1


def _is_templates(one: ObservationSummary) -> bool:
    return bool(one.columns) and one.columns[0] == "template" and {"healthy", "seen"} <= set(one.columns)
