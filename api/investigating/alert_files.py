"""An alert in a file, as Alertmanager's webhook sends it or by itself, turned into a request to investigate."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from api.errors import UsageError
from api.schemas.investigation_runs import AskedWindow, InvestigationRequest
from api.telemetry.live.labels import DEFAULT_LABELS, component_of

_MOST_BYTES = 4_000_000
_BEFORE = timedelta(minutes=10)  # an alert fires some time after what it is about began
_NEVER = datetime(2, 1, 1, tzinfo=UTC)  # Alertmanager writes the year 1 where an alert has no end


class _Alert(BaseModel):
    model_config = ConfigDict(extra="ignore")  # another party's payload

    labels: dict[str, str] = Field(min_length=1)
    annotations: dict[str, str] = {}
    starts_at: AwareDatetime = Field(alias="startsAt")
    ends_at: AwareDatetime | None = Field(None, alias="endsAt")
    status: str = "firing"


class _Group(BaseModel):
    model_config = ConfigDict(extra="ignore")

    alerts: list[_Alert] = Field(min_length=1)


def request_of_alert(file: Path, *, labels: Sequence[str] = DEFAULT_LABELS) -> InvestigationRequest:
    """Return what an alert asks to investigate: from ten minutes before it fired until its end, or until now.

    Of several alerts it is the first that fires. `labels` are those that name the component, in this order. Raises
    UsageError that names what is wrong with the file.
    """
    alerts = _read(file)
    alert = next((one for one in alerts if one.status == "firing"), alerts[0])
    ended = alert.ends_at if alert.status == "resolved" and alert.ends_at and alert.ends_at > _NEVER else None
    name = alert.labels.get("alertname", "")
    return InvestigationRequest(
        title=name[:300],
        window=AskedWindow(start=alert.starts_at - _BEFORE, end=ended),
        symptom=(alert.annotations.get("summary") or alert.annotations.get("description") or name)[:2000],
        component=(component_of(alert.labels, labels) or "")[:300],
        alert=name[:300],
        severity=alert.labels.get("severity", "")[:100],
        labels=dict(list(alert.labels.items())[:100]),
    )


def _read(file: Path) -> list[_Alert]:
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise UsageError(f"{file} is larger than {_MOST_BYTES:,} bytes; give the payload of one alert")
        told = json.loads(file.read_bytes())
        if isinstance(told, dict) and "alerts" in told:
            return _Group.model_validate(told).alerts
        return [_Alert.model_validate(told)]
    except OSError as error:
        raise UsageError(f"cannot read the alert {str(file)!r} ({error.strerror})") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise UsageError(
            f"{file}: {place!r}: {first['msg']}; give what Alertmanager's webhook sends, or one of its alerts"
        ) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is no JSON; give what Alertmanager's webhook sends, or one of its alerts") from error
