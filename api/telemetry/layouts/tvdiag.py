"""Cases of the TVDiag benchmark: alerts raised on metrics, traces and logs of instances, and who calls whom."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from api.investigation.incidents import Incident, Symptom
from api.investigation.observations import SourceClass
from api.investigation.telemetry import Coverage, Edge, Happening
from api.investigation.windows import SECOND, Window
from api.telemetry.files import read_lines
from api.telemetry.recording import Recording

_WINDOW = Window(0, 600 * SECOND)  # the cases state no times
_CLASSES = {"metric": SourceClass.METRIC, "trace": SourceClass.TRACE, "log": SourceClass.LOG}


def read_cases(file: Path) -> Iterator[tuple[str, Incident, Recording]]:
    """Give each case of a file by its id. Raises TelemetryUnreadable where it can't be read."""
    for number, facts in read_lines(file):
        name = str(facts.get("case_id", number))
        yield name, _incident(name, facts), _recording(name, facts)


def _incident(name: str, facts: Mapping[str, Any]) -> Incident:
    return Incident(
        id=name,
        title="alerts of several instances",
        symptom=Symptom(text="alerts of several instances"),
        window=_WINDOW,
        baseline=Window(-600 * SECOND, 0),
        components=tuple(str(one) for one in facts.get("candidates", ())),
    )


def _recording(name: str, facts: Mapping[str, Any]) -> Recording:
    alerts: Mapping[str, Any] = facts.get("alerts", {})
    happenings = [
        _alert(source, [str(word) for word in alert], f"{name}/{kind}")
        for kind, source in _CLASSES.items()
        for alert in alerts.get(kind, ())
    ]
    edges = sorted({Edge(str(caller), str(callee)) for caller, callee in facts.get("edges", ())})
    coverage = [Coverage(SourceClass.EVENT, f"{name}/alerts", _WINDOW, _WINDOW.before(600))]
    return Recording(tuple(coverage), every_happening=tuple(happenings), every_edge=tuple(edges))


def _alert(source: SourceClass, words: list[str], instance: str) -> Happening:
    """Return one alert: of a metric, component, name and direction; of a trace, caller, callee, operation and what."""
    if source is SourceClass.TRACE and len(words) >= 4:
        caller, callee, operation, what = words[:4]
        component = callee if callee != "-1" else caller
        return Happening(
            source, "alert", 0, component, f"{what} {operation}", detail=f"{caller} -> {callee}", instance=instance
        )
    component, title = words[0], " ".join(words[1:])
    return Happening(source, "alert", 0, component, title, instance=instance)
