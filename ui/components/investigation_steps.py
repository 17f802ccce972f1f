"""The steps of an investigation as they come: how far each specialist is, and what was said in order."""

from collections import Counter
from collections.abc import Sequence

from markupsafe import Markup

from api.schemas.investigations import SpecialistRun, StepView
from ui.components.investigation_words import plural
from ui.components.pills import icon
from ui.components.secret_marks import data_markup

STEPS_SHOWN = 300
_REPORTED = ("observation", "finding", "gap")
_SYMBOLS = {
    "plan": "map",
    "query": "search",
    "observation": "visibility",
    "finding": "flag",
    "gap": "visibility_off",
    "audit": "rule",
    "verdict": "gavel",
}


def specialists_so_far(steps: Sequence[StepView], runs: Sequence[SpecialistRun] = ()) -> Markup:
    """Return a card for each specialist: where it looks, what it has told, and what it said last.

    Cards stand in the order in which specialists began, so that one that comes moves none that is there. `runs` add
    how many rows were read in the end.
    """
    told: dict[str, list[StepView]] = {}
    for step in steps:
        if step.specialist:
            told.setdefault(step.specialist, []).append(step)
    read = {one.name: one for one in runs}
    cards = Markup("").join(_card(name, said, read.get(name)) for name, said in told.items())
    return Markup('<div class="gw-specialists" role="group" aria-label="Specialists">{}</div>').format(cards) * bool(
        told
    )


def _card(name: str, said: Sequence[StepView], run: SpecialistRun | None) -> Markup:
    counts = Counter(step.stage.value for step in said)
    reported = any(counts[stage] for stage in _REPORTED)
    figures = ", ".join(plural(counts[stage], stage) for stage in _REPORTED if counts[stage])
    asked = next((step.text for step in said if step.stage.value == "query"), "")
    where = asked.removeprefix(f"{name}: ") or "asks nothing of its own"
    findings = [step for step in said if step.stage.value == "finding"]
    last = (findings or said)[-1].text if reported else ""
    rows = f"{run.rows_read:,} rows read" if run is not None and reported else ""
    return Markup(
        '<article class="gw-specialist"><h3>{} {}</h3><div class="gw-muted">{}</div><div class="gw-muted">{}</div>'
        '<p class="gw-said">{}</p></article>'
    ).format(
        icon("task_alt" if reported else "search"),
        data_markup(name),
        data_markup(where[:1].upper() + where[1:]),
        ("Reported: " + ", ".join(filter(None, (figures, rows)))) if reported else "Looking",
        data_markup(last),
    )


def steps_markup(steps: Sequence[StepView], *, live: bool = False, now: int = 0) -> Markup:
    """Return steps in order; a live list stays at its end, and is not read aloud line by line.

    `now` is the number of the step that a replay stands at.
    """
    shown = steps[-STEPS_SHOWN:]
    items = Markup("").join(
        Markup('<li class="gw-stage-{}"{}><span class="gw-no">{}</span><span>{} {}</span><span>{}</span></li>').format(
            step.stage.value,
            Markup(' aria-current="step"') if step.number == now else "",
            step.number,
            icon(_SYMBOLS.get(step.stage.value, "chevron_right")),
            step.stage.value,
            data_markup(step.text),
        )
        for step in shown
    )
    left_out = len(steps) - len(shown)
    note = Markup('<p class="gw-muted">{} not shown.</p>').format(plural(left_out, "earlier step")) if left_out else ""
    return Markup(
        '<div class="gw-step-frame{}" tabindex="0" role="log" aria-live="off" aria-label="Steps"><div>{}'
        '<ol class="gw-steps-list">{}</ol></div></div>'
    ).format(" gw-step-live" if live else "", note, items)
