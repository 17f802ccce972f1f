"""What documents advise for an investigation, apart from its evidence: runbooks with their steps, past incidents."""

from collections.abc import Sequence

from markupsafe import Markup

from api.schemas.investigation_guidance import (
    GuidancePast,
    GuidanceRecheck,
    GuidanceRunbook,
    GuidanceSource,
    GuidanceStep,
    InvestigationGuidance,
    StepTaken,
)
from ui.components.ages import age_markup
from ui.components.hostile_text import hostile_markup
from ui.components.investigation_citations import Citations
from ui.components.investigation_words import name_markup, plural
from ui.components.pills import icon
from ui.components.places import document_address, line_words, source_link_markup
from ui.components.secret_marks import data_markup
from ui.components.steering_words import OUTCOMES


def guidance_markup(guidance: InvestigationGuidance, cited: Citations) -> Markup:
    """Return what documents advise, under a line that says what it is not."""
    parts = [*(_runbook(one, cited) for one in guidance.runbooks), *(_past(one, cited) for one in guidance.similar)]
    body = Markup("").join(parts) or Markup("<p>No runbook and no past incident was found for this.</p>")
    return Markup(
        '<section class="gw-gaps gw-guidance" aria-label="What documents advise">'
        "<p><strong>Guidance, no evidence.</strong> Nothing above rests on it: documents say where to look and what to "
        "do, never what happened this time.</p>{}</section>"
    ).format(body)


def _runbook(runbook: GuidanceRunbook, cited: Citations) -> Markup:
    steps = Markup("").join(_step(one, cited) for one in runbook.steps)
    inside = Markup("<ol>{}</ol>").format(steps) if steps else Markup("<p>It lists no steps.</p>")
    return _card("menu_book", "Runbook", runbook.title, runbook.source, inside)


def _step(step: GuidanceStep, cited: Citations) -> Markup:
    words = Markup('<pre class="gw-expr"><code>{}</code></pre>') if step.command else Markup("{}")
    danger = Markup('<div class="gw-form-error">{} Destroys: {}</div>').format(
        icon("warning"), data_markup(step.destructive or "")
    )
    chips = cited.chips(step.observations)
    states = [Markup("seen in this investigation{}").format(chips)] if chips else []
    if step.taken is not None:
        states.append(_taken(step.taken))
    state = Markup(", ").join(states) if states else Markup("still to do")
    links = Markup("") if step.command else cited.step_link(step.source.document, step.source.first_line)
    return Markup('<li>{}{}<span class="gw-muted">{}</span>{}</li>').format(
        words.format(data_markup(step.text)), danger if step.destructive else "", Markup(" ({})").format(state), links
    )


def _taken(taken: StepTaken) -> Markup:
    note = f": {taken.note}" if taken.note else ""
    return Markup("<strong>{}</strong> by {}, {}{}").format(
        OUTCOMES[taken.outcome], data_markup(taken.who or "somebody"), age_markup(taken.at), data_markup(note)
    )


def _past(past: GuidancePast, cited: Citations) -> Markup:
    """Return a past incident with what is alike and what is not, each with the rows of now that show it."""
    alike = [one for one in past.rechecks if one.agree and not one.disagree]
    unlike = [one for one in past.rechecks if one.disagree]
    open_ends = [one for one in past.rechecks if not one.agree and not one.disagree]
    lists = Markup("").join(
        _rechecked(label, found, cited)
        for label, found in (("Alike", alike), ("Not alike", unlike), ("Not looked at", open_ends))
        if found
    )
    if past.rechecks:
        head = Markup('<p class="gw-similar"><strong>{} of {} are alike now.</strong></p>').format(
            len(alike), plural(len(past.rechecks), "component that it names", "components that it names")
        )
    else:
        head = Markup('<p class="gw-muted">It names no component that was looked at, so nothing of it was checked.</p>')
    said = Markup("<p>{}</p>").format(data_markup(past.text))
    return _card("history", "Past incident", past.title, past.source, said + head + lists)


def _rechecked(label: str, found: Sequence[GuidanceRecheck], cited: Citations) -> Markup:
    items = Markup("").join(
        Markup("<li>{}: {}{}</li>").format(
            name_markup(one.component), data_markup(one.words), cited.chips((*one.agree, *one.disagree))
        )
        for one in found
    )
    return Markup('<div class="gw-label">{}</div><ul>{}</ul>').format(label, items)


def _card(symbol: str, what: str, title: str, source: GuidanceSource, inside: Markup) -> Markup:
    body = hostile_markup(source.flags, inside) if source.flags else inside
    return Markup('<h3>{} {}: {}</h3><div class="gw-facts"><a class="gw-soft" href="{}">{}, {}</a>{}</div>{}').format(
        icon(symbol),
        what,
        data_markup(title),
        document_address(source.document, lines=(source.first_line, source.last_line)),
        data_markup(source.path),
        line_words(source.first_line, source.last_line),
        source_link_markup(source.url),
        body,
    )
