"""What was extracted from a document as structure, each fact with a link to its lines."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from api.schemas.structure import DocumentStructure, NamedFact, PostmortemFact, ProcedureFact, ProcedureStep
from ui.components.inline import inline_markup, without_list_marker
from ui.components.pills import icon, pill
from ui.components.places import document_address, line_words
from ui.components.secret_marks import data_markup

MOST_FACTS = 100
_PARTS = {
    "summary": "Summary",
    "impact": "Impact",
    "trigger": "Trigger",
    "root_cause": "Root cause",
    "detection": "Detection",
    "resolution": "Resolution",
}


def extracted_markup(document_id: str, structure: DocumentStructure) -> Markup:
    """Return one fold for each kind of fact; nothing where nothing was extracted."""
    folds = [
        _fold("Procedures", [_procedure(document_id, one) for one in structure.procedures]),
        _postmortem(document_id, structure.postmortem),
        _fold("Alerts", _named(document_id, structure.alerts)),
        _fold("Components", _named(document_id, structure.components)),
        _fold("Dependencies", _named(document_id, structure.dependencies)),
        _fold("Pictures not read", _named(document_id, structure.pictures), note=_PICTURES),
    ]
    shown = Markup("").join(fold for fold in folds if fold)
    if not shown:
        return Markup("")
    return Markup('<section class="gw-extracted" aria-label="Extracted"><h3>Extracted</h3>{}</section>').format(shown)


_PICTURES = "Only the words beside a picture can be found and cited. Write down what it shows where that matters."


def _fold(heading: str, facts: Sequence[Markup], *, note: str = "") -> Markup:
    if not facts:
        return Markup("")
    beyond = len(facts) - MOST_FACTS
    return Markup(
        '<details class="gw-fold"><summary>{} <span class="gw-count">{}</span></summary>{}{}{}</details>'
    ).format(
        heading,
        f"{len(facts):,}",
        Markup('<p class="gw-muted">{}</p>').format(note) if note else "",
        Markup("").join(facts[:MOST_FACTS]),
        Markup('<p class="gw-muted">and {} more</p>').format(f"{beyond:,}") if beyond > 0 else "",
    )


def _procedure(document_id: str, procedure: ProcedureFact) -> Markup:
    before = Markup("").join(Markup("<li>{}</li>").format(inline_markup(one)) for one in procedure.preconditions)
    return Markup('<div class="gw-entry"><strong>{}</strong> {} {}{}<ol class="gw-steps">{}</ol></div>').format(
        procedure.title or "Procedure",
        _lines(document_id, procedure.line_start, procedure.line_end),
        pill("Destructive", symbol="warning", level="stop") if procedure.destructive else "",
        Markup('<p class="gw-muted">Before</p><ul>{}</ul>').format(before) if before else "",
        Markup("").join(_step(document_id, step) for step in procedure.steps),
    )


def _step(document_id: str, step: ProcedureStep) -> Markup:
    commands = Markup("").join(
        Markup('<pre class="gw-expr"><code>{}</code></pre>').format(data_markup(command)) for command in step.commands
    )
    destroys = Markup('<div class="gw-destroys">{} <strong>Destructive:</strong> {}</div>').format(
        icon("warning"), step.destroys
    )
    return Markup("<li>{} {}{}{}</li>").format(
        inline_markup(without_list_marker(step.text)),
        _lines(document_id, step.line_start, step.line_end),
        commands,
        destroys if step.destroys else "",
    )


def _postmortem(document_id: str, facts: Sequence[PostmortemFact]) -> Markup:
    """Return the fields in the order in which a postmortem is read, the timeline and the action items last."""
    fields = Markup("").join(
        Markup("<div><dt>{}</dt><dd>{} {}</dd></div>").format(
            words, inline_markup(fact.text), _lines(document_id, fact.line_start, fact.line_end)
        )
        for part, words in _PARTS.items()
        for fact in facts
        if fact.part.value == part
    )
    timeline = _entries(document_id, (one for one in facts if one.part.value == "timeline"), "at")
    actions = _entries(document_id, (one for one in facts if one.part.value == "action_item"), "owner")
    body = Markup("{}{}{}").format(
        Markup('<dl class="gw-document-facts">{}</dl>').format(fields) if fields else "",
        Markup('<h4>Timeline</h4><ul class="gw-timeline">{}</ul>').format(timeline) if timeline else "",
        Markup('<h4>Action items</h4><ul class="gw-timeline">{}</ul>').format(actions) if actions else "",
    )
    return _fold_of_fields(len(facts), body) if facts else Markup("")


def _fold_of_fields(count: int, body: Markup) -> Markup:
    return Markup(
        '<details class="gw-fold"><summary>Postmortem <span class="gw-count">{}</span></summary>{}</details>'
    ).format(f"{count:,}", body)


def _entries(document_id: str, facts: Iterable[PostmortemFact], first: str) -> Markup:
    return Markup("").join(
        Markup("<li><strong>{}</strong> <span>{} {}</span></li>").format(
            getattr(fact, first) or "–", inline_markup(fact.text), _lines(document_id, fact.line_start, fact.line_end)
        )
        for fact in facts
    )


def _named(document_id: str, facts: Sequence[NamedFact]) -> list[Markup]:
    return [
        Markup('<div class="gw-entry">{} <span class="gw-muted">{}</span> {}</div>').format(
            data_markup(fact.text), fact.note, _lines(document_id, fact.line_start, fact.line_end)
        )
        for fact in facts
    ]


def _lines(document_id: str, first: int, last: int) -> Markup:
    return Markup('<a class="gw-soft gw-lines" href="{}">{}</a>').format(
        document_address(document_id, lines=(first, last)), line_words(first, last)
    )
