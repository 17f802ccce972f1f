"""What is wrong with the documents, one section for each way: how many, what to do, and the entries with links."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.schemas.structure import NamedDocument
from api.schemas.upkeep import (
    Contradiction,
    DeadLink,
    DuplicateGroup,
    FlaggedDocument,
    KnowledgeHealth,
    OldDocument,
    ServiceGap,
)
from ui.components.ages import age_markup
from ui.components.pills import icon, overdue_pill
from ui.components.places import named_document_markup, stated_address, stated_markup
from ui.components.views import View, view_address

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class HealthList:
    """One list of the health view; `name` is its name on the wire, `well` what an empty one means."""

    name: str
    heading: str
    advice: str
    well: str
    entries: tuple[Markup, ...]
    total: int


def health_lists(health: KnowledgeHealth) -> list[HealthList]:
    """Return all lists in the order in which they endanger an answer."""
    entries: dict[str, list[Markup]] = {
        "contradictions": [_contradiction(one) for one in health.contradictions],
        "overdue": [_old(one) for one in health.overdue],
        "flagged": [_flagged(one) for one in health.flagged],
        "alerts_without_runbook": [_alert(name) for name in health.alerts_without_runbook],
        "services_without_architecture": [_service(one) for one in health.services_without_architecture],
        "dead_links": [_dead_link(one) for one in health.dead_links],
        "duplicates": [_duplicates(one) for one in health.duplicates],
        "oldest": [_old(one) for one in health.oldest],
        "never_retrieved": [_named(one) for one in health.never_retrieved],
    }
    return [
        HealthList(name, *_WORDS[name], tuple(found), health.totals.get(name, len(found)))
        for name, found in entries.items()
    ]


def summary_markup(lists: Sequence[HealthList], health: KnowledgeHealth) -> Markup:
    """Return the count of each list as a link to it, and when this was found."""
    cells = Markup("").join(
        Markup('<a href="#health-{}"><dt>{}</dt><dd>{}</dd></a>').format(
            one.name, one.heading, f"{one.total:,}" if one.total else Markup("{} none").format(icon("check"))
        )
        for one in lists
    )
    secrets = "1 secret was" if health.secrets == 1 else f"{health.secrets:,} secrets were"
    return Markup(
        '<dl class="gw-health-figures">{}</dl><p class="gw-muted">Generation {}, checked {}. '
        "{} replaced by marks before anything was stored.</p>"
    ).format(cells, health.generation, age_markup(health.checked_at, exact=True), secrets)


def list_markup(one: HealthList, *, note: str = "") -> Markup:
    """Return one section; entries beyond the first few are folded away."""
    count = Markup('<span class="gw-count">{}</span>').format(f"{one.total:,}") if one.total else ""
    if not one.entries:
        body = Markup('<p class="gw-well">{} {}</p>').format(icon("check_circle"), note or one.well)
    else:
        body = Markup('<p class="gw-muted">{}</p>{}{}').format(
            one.advice, Markup("").join(one.entries[:_SHOWN]), _rest(one)
        )
    return Markup('<section class="gw-health" id="health-{}"><h2 class="gw-section">{} {}</h2>{}</section>').format(
        one.name, one.heading, count, body
    )


_WORDS: dict[str, tuple[str, str, str]] = {
    "contradictions": (
        "Contradictions",
        "Two current documents state different figures or commands: correct one, or mark it superseded.",
        "No two current documents contradict each other in a figure or a command.",
    ),
    "overdue": (
        "Overdue for review",
        "The day has passed by which somebody promised to look again: read it, then move its review date.",
        "No document is past its review date.",
    ),
    "flagged": (
        "Addresses a language model",
        "Passages speak to a model and not to a reader: find out who wrote them. They are shown and never followed.",
        "No passage addresses a language model.",
    ),
    "alerts_without_runbook": (
        "Alerts without a runbook",
        "These can page somebody who then finds nothing: write a runbook, and name it in the rule's runbook_url.",
        "Every alert has a runbook.",
    ),
    "services_without_architecture": (
        "Services without an architecture document",
        "Runbooks or alerts name them and nothing describes them: write what each does and what it depends on.",
        "Every service that is named has an architecture document.",
    ),
    "dead_links": (
        "Dead links",
        "They lead to documents that are not there: correct the link, or bring the document back.",
        "Every link between documents leads somewhere.",
    ),
    "duplicates": (
        "Near-duplicates",
        "They nearly repeat each other, so one of them will go stale: keep the first, and link to it from the others.",
        "No two documents nearly repeat each other.",
    ),
    "oldest": (
        "Oldest",
        "Nobody changed these for the longest time: check that they still hold, or mark them deprecated.",
        "No document has a date to judge by.",
    ),
    "never_retrieved": (
        "Never retrieved",
        "No search has found these: check that their titles and headings use the words that people ask with.",
        "Every document was found by some search.",
    ),
}


def _rest(one: HealthList) -> Markup:
    folded = one.entries[_SHOWN:]
    beyond = one.total - len(one.entries)
    note = Markup('<p class="gw-muted">{} more are not listed here.</p>').format(f"{beyond:,}") if beyond > 0 else ""
    if not folded:
        return Markup("{}").format(note)
    return Markup('<details class="gw-fold"><summary>Show {} more</summary>{}</details>{}').format(
        f"{len(folded):,}", Markup("").join(folded), note
    )


def _entry(content: Markup) -> Markup:
    return Markup('<div class="gw-entry">{}</div>').format(content)


def _named(document: NamedDocument) -> Markup:
    return _entry(named_document_markup(document))


def _old(one: OldDocument) -> Markup:
    return _entry(
        Markup('{} <span class="gw-facts">{}{}</span>').format(
            named_document_markup(one.document), age_markup(one.updated_at), overdue_pill(one.review_by)
        )
    )


def _contradiction(one: Contradiction) -> Markup:
    return _entry(
        Markup('<strong>{}</strong><div class="gw-sides">{}{}</div>').format(
            one.about, stated_markup(one.first), stated_markup(one.second)
        )
    )


def _dead_link(one: DeadLink) -> Markup:
    return _entry(
        Markup(
            '<a class="gw-soft" href="{}"><code class="gw-path">{}/{}:{}</code></a> leads to <code>{}</code>'
        ).format(stated_address(one.stated), one.stated.source, one.stated.path, one.stated.line_start, one.target)
    )


def _alert(name: str) -> Markup:
    return _entry(Markup('<a class="gw-soft" href="{}">{}</a>').format(view_address(View.ALERTS, {"text": name}), name))


def _service(one: ServiceGap) -> Markup:
    words = "1 document names it" if one.documents == 1 else f"{one.documents:,} documents name it"
    return _entry(
        Markup('<a class="gw-soft" href="{}">{}</a> <span class="gw-muted">{}</span>').format(
            view_address(View.SERVICES, {"service": one.name}), one.name, words
        )
    )


def _duplicates(group: DuplicateGroup) -> Markup:
    lead, *others = group.documents
    rows = Markup("").join(Markup("<li>{}</li>").format(named_document_markup(one)) for one in others)
    return _entry(Markup("{} <span>leads; repeated by</span><ul>{}</ul>").format(named_document_markup(lead), rows))


def _flagged(one: FlaggedDocument) -> Markup:
    passages = "1 passage" if one.passages == 1 else f"{one.passages:,} passages"
    return _entry(
        Markup('{}<div class="gw-muted">{} that {}</div>').format(
            named_document_markup(one.document), passages, "; ".join(one.flags)
        )
    )
