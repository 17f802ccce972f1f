"""What a bundle says of itself in bundle.json: the incident, its units, and what each source can tell."""

import json
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from api.errors import InvalidWindow, TelemetryUnreadable
from api.investigation.incidents import Incident, Symptom
from api.investigation.observations import SourceClass
from api.investigation.windows import Window, instant_of

VERSION: Literal[1] = 1
FILE = "bundle.json"
_MOST_BYTES = 16_000_000

Unit = Literal["s", "ms", "us", "ns"]
Part = Literal["metrics", "logs", "spans", "events", "changes", "alert", "kubernetes", "calls"]


_Model = TypeVar("_Model", bound=BaseModel)


class _Facts(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Stretch(_Facts):
    """A stretch of time, with its zone."""

    start: AwareDatetime
    end: AwareDatetime

    def window(self) -> Window:
        """Return it on our clock. Raises InvalidWindow where it holds no time."""
        return Window(_instant(self.start), _instant(self.end))


class SymptomFacts(_Facts):
    """What was noticed."""

    text: str
    component: str | None = None
    metric: str | None = None
    rising: bool | None = None
    alert: str | None = None
    severity: str | None = None

    def symptom(self) -> Symptom:
        """Return it as the incident holds it."""
        return Symptom(**self.model_dump())


class SourceFacts(_Facts):
    """What one source can tell; `missing` says why where it can't, `cut` what it did not give."""

    source: SourceClass
    instance: str
    window: Stretch | None = None
    baseline: Stretch | None = None
    missing: str = ""
    cut: str = ""


class Manifest(_Facts):
    """bundle.json, version 1."""

    version: Literal[1]
    id: str = Field(min_length=1, max_length=200)
    title: str
    window: Stretch
    baseline: Stretch | None = None
    symptom: SymptomFacts | None = None
    components: tuple[str, ...] = ()
    time_unit: Unit = "us"
    duration_unit: Unit = "us"
    sources: tuple[SourceFacts, ...] | None = None
    files: dict[Part, str] = Field(default_factory=dict)

    def incident(self, alert: SymptomFacts | None) -> Incident:
        """Return the incident; the symptom is that of the alert where the bundle states none itself.

        Raises InvalidWindow.
        """
        told = self.symptom or alert or SymptomFacts(text=self.title)
        return Incident(
            id=self.id,
            title=self.title,
            symptom=told.symptom(),
            window=self.window.window(),
            baseline=self.baseline.window() if self.baseline else None,
            components=self.components,
        )


def read_manifest(file: Path) -> Manifest:
    """Return what bundle.json says. Raises TelemetryUnreadable, naming the field that is wrong."""
    manifest = _validated(file, Manifest)
    try:
        manifest.incident(None)
        for one in manifest.sources or ():
            for stretch in (one.window, one.baseline):
                if stretch is not None:
                    stretch.window()
    except InvalidWindow as error:
        raise TelemetryUnreadable(f"{file}: {error}") from error
    return manifest


def read_alert(file: Path) -> SymptomFacts:
    """Return what alert.json says was noticed. Raises TelemetryUnreadable."""
    return _validated(file, SymptomFacts)


def _validated(file: Path, model: type[_Model]) -> _Model:
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise TelemetryUnreadable(f"{file} is larger than {_MOST_BYTES:,} bytes; put telemetry into its own files")
        return model.model_validate(json.loads(file.read_bytes()))
    except OSError as error:
        raise TelemetryUnreadable(f"cannot read {file} ({error.strerror}); copy it again") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise TelemetryUnreadable(
            f"{file}: {place!r} is {_shown(first['input'])} ({first['msg']}); write it as docs/bundles.md says"
        ) from error
    except (ValueError, RecursionError) as error:
        raise TelemetryUnreadable(f"{file} is no JSON in UTF-8 ({error}); write it as docs/bundles.md says") from error


def _instant(moment: datetime) -> int:
    return instant_of(moment)


def _shown(value: object) -> str:
    return repr(value) if len(repr(value)) <= 100 else f"{repr(value)[:100]}..."
