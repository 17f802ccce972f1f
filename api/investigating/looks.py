"""One more query about a component, asked by a person: what it shows becomes an observation."""

from api.agent.log_lines import look_at_logs
from api.agent.looking import look_at_metric, look_at_traces, metric_names
from api.investigating.opening import OpenedBundle
from api.investigation.observations import Observation, SourceClass
from api.investigation.reports import Brief, Budget

_SECONDS = 20.0
_ROWS = 5_000_000


def look(bundle: OpenedBundle, source: SourceClass, component: str, words: str) -> tuple[Observation | None, str]:
    """Return what a source shows of a component, or None with the reason in words.

    `words` are those that the name of a metric or a log line holds. Raises TelemetryUnreadable.
    """
    brief = Brief(bundle.incident, bundle.telemetry, Budget(_SECONDS, _ROWS))
    if source is SourceClass.METRIC:
        seen = look_at_metric(brief, component, words)
        names = "" if seen is not None else ", ".join(metric_names(brief, component))
        nothing = f"{component} has no metric of that name; it has {names}" if names else f"{component} has no metrics"
    elif source is SourceClass.LOG:
        seen = look_at_logs(brief, component, words)
        nothing = f"no log line of {component} in the window holds {words!r}" if words else f"{component} has no logs"
    else:
        seen = look_at_traces(brief, component)
        nothing = f"there are no spans of {component} in the window"
    if seen is None and brief.budget.spent is not None:
        return None, f"it was not read to its end ({brief.budget.spent.value} after {brief.budget.rows_read:,} rows)"
    return seen, "" if seen is not None else nothing
