"""The state of the knowledge base as markup: figures, and its documents in all states."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from api.schemas.knowledge import DocumentSummary, KnowledgeStatus
from ui.components.ages import age_markup
from ui.components.inline import sentence
from ui.components.listing import STATE_WORDS, Listing, listing_address
from ui.components.pills import failed_pill, kind_pill, overdue_pill, pill, status_pill
from ui.components.places import document_address
from ui.components.tables import note_row_markup, row_markup, table_markup

_COLUMNS = ("Title", "Kind", "Source and path", "Passages", "Updated")
_STATE_SYMBOLS = {"ignored": "visibility_off", "tombstoned": "delete", "failed": "error"}


def facts_markup(status: KnowledgeStatus) -> Markup:
    """Return counts and what is being served."""
    failed = Markup('<a class="gw-soft" href="{}">{}</a>').format(
        listing_address(Listing(state="failed")), f"{status.failed:,}"
    )
    facts: list[tuple[str, Markup | str]] = [
        ("Documents", f"{status.documents:,}"),
        ("Passages", f"{status.passages:,}"),
        ("Failed", failed if status.failed else "0"),
        ("Generation", "none yet" if status.generation is None else f"{status.generation}"),
        ("Built", age_markup(status.built_at, exact=True) if status.built_at else "never"),
        ("Model", Markup("<code>{}</code>").format(status.model or "unknown")),
    ]
    cells = Markup("").join(Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(name, value) for name, value in facts)
    return Markup('<dl class="gw-figures">{}</dl>{}').format(cells, _shares(status.kinds, status.statuses))


def documents_markup(documents: Sequence[DocumentSummary]) -> Markup:
    """Return one row for each document; what is to be known of it stands below its title."""
    rows = [_document_row(document) for document in documents]
    return table_markup(_COLUMNS, rows, figures={3}, style="gw-documents")


def state_pill(document: DocumentSummary) -> Markup:
    """Return a label for a document that is not plainly indexed; nothing for one that is."""
    state = document.state.value
    if state == "indexed":
        return Markup("")
    if state == "failed":
        return failed_pill()
    return pill(STATE_WORDS[state], symbol=_STATE_SYMBOLS.get(state, "pending"))


def care_pills(document: DocumentSummary) -> Markup:
    """Return labels for what a reader must know: status, overdue review, secrets, hostile passages, repetition."""
    pills = [status_pill(document.status.value) if document.status else Markup(""), overdue_pill(document.review_by)]
    if document.hostile:
        words = (
            "1 passage addresses a model" if document.hostile == 1 else f"{document.hostile} passages address a model"
        )
        pills.append(pill(words, symbol="shield", level="warn"))
    if document.secrets:
        words = "1 secret replaced" if document.secrets == 1 else f"{document.secrets} secrets replaced"
        pills.append(pill(words, symbol="key_off"))
    if document.duplicate_of:
        link = Markup('<a class="gw-soft" href="{}">another document</a>').format(
            document_address(document.duplicate_of)
        )
        pills.append(Markup('<span class="gw-pill">Nearly repeats {}</span>').format(link))
    return Markup(" ").join(one for one in pills if one)


def _document_row(document: DocumentSummary) -> Markup:
    row = row_markup(
        (
            Markup('<a class="gw-soft" href="{}">{}</a> {} {}').format(
                document_address(document.id),
                document.title or document.path,
                state_pill(document),
                care_pills(document),
            ),
            kind_pill(document.kind.value) if document.kind else "",
            Markup("<code>{}/{}</code>").format(document.source, document.path),
            f"{document.passages:,}",
            age_markup(document.updated_at),
        ),
        figures={3},
    )
    if document.state.value == "indexed" or not document.reason:
        return row
    return row + note_row_markup(Markup("{}").format(sentence(document.reason)), len(_COLUMNS))


def _shares(kinds: Mapping[str, int], statuses: Mapping[str, int]) -> Markup:
    """Return how many documents there are of each kind, and of each status that is not current."""
    by_kind = [
        Markup('<a class="gw-soft" href="{}">{}</a> {}').format(listing_address(Listing(kind=kind)), kind, f"{count:,}")
        for kind, count in kinds.items()
        if count
    ]
    by_status = [
        Markup("{} {}").format(status_pill(status), f"{count:,}")
        for status, count in statuses.items()
        if count and status != "current"
    ]
    shown = Markup("").join(Markup("<span>{}</span>").format(share) for share in [*by_kind, *by_status])
    return Markup('<div class="gw-facts gw-shares">{}</div>').format(shown) if shown else Markup("")
