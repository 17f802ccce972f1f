"""Alerts of any other sender, read by a mapping."""

from datetime import datetime

from api.incidents.alerts import Alert, AlertStatus, Severity
from api.incidents.payloads.fields import Field, parsed
from api.incidents.payloads.mapping import Mapping, Shape, default_mapping, is_shared, split
from api.incidents.payloads.reading import Reading, fingerprint_of, joined, read_each, safe_link, started
from api.incidents.payloads.services import is_exporter, service_of
from api.incidents.payloads.tags import tags_of
from api.incidents.payloads.words import purpose_of, severity_of, status_of

SENDER = "generic"
Pairs = tuple[tuple[str, str], ...]


def read(body: bytes, *, now: datetime, mapping: Mapping | None = None) -> Reading:
    """Return the alerts of a body. Raises Refused that names the field."""
    message = parsed(body)
    shapes = (mapping or default_mapping()).shapes
    shape = next((one for one in shapes if not one.when or not _lenient(message, one.when).is_empty), None)
    if shape is None:
        wanted = ", ".join(repr(one.when) for one in shapes)
        raise message.refused(f"must hold one of {wanted}, by which the mapping tells its shapes apart")
    if not shape.alerts:
        return Reading((_OneAlert(message, message, shape).read(now),))
    listed = follow(message, shape.alerts)
    return read_each(listed.each(), lambda item: _OneAlert(item, message, shape).read(now))


def follow(start: Field, path: str) -> Field:
    """Return what lies at a path; raises Refused where something on the way is of another kind."""
    found = start
    for part in split(path):
        if isinstance(part, str):
            found = found.at(part)
        elif isinstance(found.value, list):
            inside = found.value[part] if part < len(found.value) else None
            found = Field(inside, f"{found.path}[{part}]")
        elif found.value is not None:
            raise found.refused("must be a list")
    return found


def _lenient(start: Field, path: str) -> Field:
    """Return what lies at a path, nothing where the way there is of another kind."""
    value: object = start.value
    for part in split(path):
        if isinstance(part, str) and isinstance(value, dict):
            value = value.get(part)
        elif isinstance(part, int) and isinstance(value, list) and part < len(value):
            value = value[part]
        else:
            return Field(None, path)
    return Field(value, f"{start.path}.{path}" if start.path else path)


class _OneAlert:
    """One alert in a body, read by the shape that it has."""

    def __init__(self, item: Field, message: Field, shape: Shape) -> None:
        if not isinstance(item.value, dict):
            raise item.refused("must be an object")
        self._item, self._message, self._shape = item, message, shape

    def read(self, now: datetime) -> Alert:
        fields = self._shape.fields
        own, shared = self._pairs(fields.labels), self._pairs(fields.shared_labels)
        labels = joined(own, shared)
        name = self._first(fields.name)
        if name.is_empty:
            name = self._at(fields.name[0]).required()
        status = self._status()
        begun = started(self._first(fields.started_at).time(), now)
        ended = self._first(fields.ended_at).time()
        said = name.text()[:300]
        summary = self._text(fields.summary) or said
        service = self._service(labels)
        return Alert(
            sender=SENDER,
            fingerprint=fingerprint_of((self._text(fields.fingerprint),), said, service, labels),
            name=said,
            status=status,
            severity=self._severity(),
            service=service,
            summary=summary,
            started_at=begun,
            ended_at=max(ended or now, begun) if status is AlertStatus.RESOLVED else None,
            description=self._text(fields.description, long=True),
            labels=labels,
            annotations=joined(self._pairs(fields.annotations), self._pairs(fields.shared_annotations)),
            link=safe_link(self._text(fields.link)),
            runbook=safe_link(self._text(fields.runbook)),
            purpose=purpose_of(said, summary),
        )

    def _at(self, path: str) -> Field:
        if not is_shared(path):
            return _lenient(self._item, path)
        return _lenient(self._message, path.partition(".")[2])

    def _first(self, paths: tuple[str, ...]) -> Field:
        return next((found for path in paths if not (found := self._at(path)).is_empty), Field(None))

    def _text(self, paths: tuple[str, ...], *, long: bool = False) -> str:
        """Return the first that is a text: many senders have an object under some of the usual names."""
        for path in paths:
            found = self._at(path)
            if not found.is_empty and not isinstance(found.value, dict | list):
                return found.text(long=long)
        return ""

    def _pairs(self, paths: tuple[str, ...]) -> Pairs:
        found = self._first(paths)
        return tags_of(found) if isinstance(found.value, list | str) else found.pairs()

    def _status(self) -> AlertStatus:
        found = next(
            (
                one
                for path in self._shape.fields.status
                if not (one := self._at(path)).is_empty and not isinstance(one.value, dict)
            ),
            Field(None),
        )
        if found.is_empty:
            return AlertStatus.FIRING
        said = found.text()
        own = next((ours for ours, theirs in self._shape.statuses.items() if said in theirs), None)
        status = own or status_of(said)
        if status is None:
            raise found.refused("must be a state such as 'firing' or 'resolved'")
        return status

    def _severity(self) -> Severity:
        found = (self._at(path) for path in self._shape.fields.severity)
        said = [one.text() for one in found if not one.is_empty and not isinstance(one.value, dict | list)]
        for word in said[:1]:
            own = next((ours for ours, theirs in self._shape.severities.items() if word in theirs), None)
            if own is not None:
                return own
        return severity_of(*said)

    def _service(self, labels: Pairs) -> str | None:
        """Return what the mapping says, the last part of namespace/Kind/name; else what the labels say."""
        for path in self._shape.fields.service:
            found = self._at(path)
            if found.is_empty or isinstance(found.value, dict | list):
                continue
            said = found.text().rpartition("/")[2]
            if said and not is_exporter(said):
                return said
        return service_of(dict(labels))
