"""The incident: what was noticed, where, when, and against which time it is compared."""

from dataclasses import dataclass

from api.investigation.windows import Window


@dataclass(frozen=True, slots=True)
class Symptom:
    """What was noticed: an alert or a person's words, at a component where one is named.

    `metric` is the metric that tripped, `rising` the way it went where that is told.
    """

    text: str
    component: str | None = None
    metric: str | None = None
    rising: bool | None = None
    alert: str | None = None
    severity: str | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident: `window` holds the trouble, `baseline` healthy time to compare with, where there is any.

    `components` are those that may be at fault, where the asker narrows them; empty means all that are seen.
    """

    id: str
    title: str
    symptom: Symptom
    window: Window
    baseline: Window | None
    components: tuple[str, ...] = ()
