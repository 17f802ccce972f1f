"""The steps of an investigation as they come: how far each specialist is, and what was said in order."""

from collections import Counter
from collections.abc import Sequence

from markupsafe import Markup

from api.schemas.investigations import StepView
from ui.components.investigation_words import plural
from ui.components.pills import icon
from ui.components.secret_marks import data_markup
from ui.components.tables import row_markup, table_markup

STEPS_SHOWN = 300
_SYMBOLS = {
    "plan": "map",
    "query": "search",
    "observation": "visibility",
    "finding": "flag",
    "gap": "visibility_off",
    "audit": "rule",
    "verdict": "gavel",
}


def specialists_so_far(steps: Sequence[StepView]) -> Markup:
    """Return how many observations, findings and gaps each specialist has told, and what it said last."""
    told: dict[str, list[StepView]] = {}
    for step in steps:
        if step.specialist:
            told.setdefault(step.specialist, []).append(step)
    if not told:
        return Markup("")
    rows = []
    for name, said in sorted(told.items()):
        counts = Counter(step.stage.value for step in said)
        figures = [f"{counts[stage]:,}" for stage in ("observation", "finding", "gap")]
        rows.append(row_markup((name, *figures, data_markup(said[-1].text)), figures=(1, 2, 3)))
    names = ("Specialist", "Observations", "Findings", "Gaps", "Said last")
    return table_markup(names, rows, figures=(1, 2, 3), style="gw-so-far")


def steps_markup(steps: Sequence[StepView], *, live: bool = False) -> Markup:
    """Return steps in order; a live list stays at its end, and is not read aloud line by line."""
    shown = steps[-STEPS_SHOWN:]
    items = Markup("").join(
        Markup('<li class="gw-stage-{}"><span class="gw-no">{}</span><span>{} {}</span><span>{}</span></li>').format(
            step.stage.value,
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
