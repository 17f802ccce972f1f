"""What documents advise for an investigation, apart from its evidence: runbooks with their steps, past incidents."""

from markupsafe import Markup

from api.schemas.investigation_guidance import (
    GuidancePast,
    GuidanceRunbook,
    GuidanceSource,
    GuidanceStep,
    InvestigationGuidance,
)
from ui.components.hostile_text import hostile_markup
from ui.components.investigation_citations import Citations
from ui.components.investigation_words import name_markup
from ui.components.pills import icon
from ui.components.places import document_address, line_words, source_link_markup
from ui.components.secret_marks import data_markup


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
    state = Markup("seen in this investigation{}").format(chips) if chips else Markup("still to do")
    return Markup('<li>{}{}<span class="gw-muted">{}</span></li>').format(
        words.format(data_markup(step.text)), danger if step.destructive else "", Markup(" ({})").format(state)
    )


def _past(past: GuidancePast, cited: Citations) -> Markup:
    checks = Markup("").join(
        Markup("<li>{}: {}{}</li>").format(
            name_markup(one.component), data_markup(one.words), cited.chips((*one.agree, *one.disagree))
        )
        for one in past.rechecks
    )
    rechecked = (
        Markup('<div class="gw-label">Checked against now</div><ul>{}</ul>').format(checks)
        if checks
        else Markup('<p class="gw-muted">It names no component that was looked at, so nothing of it was checked.</p>')
    )
    said = Markup("<p>{}</p>").format(data_markup(past.text))
    return _card("history", "Past incident", past.title, past.source, said + rechecked)


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
