"""The state of the knowledge base as markup: facts, sources, documents, failures."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from api.schemas.knowledge import DocumentSummary, KnowledgeStatus, SourceStatus
from ui.components.ages import age_markup
from ui.components.listing import Listing, listing_address
from ui.components.pills import failed_pill, icon, kind_pill, status_pill
from ui.components.places import document_address


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


def sources_markup(sources: Sequence[SourceStatus]) -> Markup:
    """Return one row for each source; a run that stopped half-way and its problems stand below the row."""
    if not sources:
        return Markup("")
    rows = Markup("").join(_source_row(source) for source in sources)
    head = _head("Source", "Location", "Indexed", "Failed", "Passages", "Last run", "Took", figures={2, 3, 4, 6})
    return Markup(
        '<h2 class="gw-section">Sources</h2><div class="gw-table-frame">'
        '<table class="gw-table">{}<tbody>{}</tbody></table></div>'
    ).format(head, rows)


def documents_markup(documents: Sequence[DocumentSummary]) -> Markup:
    """Return one row for each indexed document."""
    rows = Markup("").join(_document_row(document) for document in documents)
    head = _head("Title", "Kind", "Source and path", "Passages", "Updated", figures={3})
    return Markup(
        '<div class="gw-table-frame"><table class="gw-table gw-documents">{}<tbody>{}</tbody></table></div>'
    ).format(head, rows)


def failures_markup(documents: Sequence[DocumentSummary]) -> Markup:
    """Return the documents that could not be read: why, what is still served of them, and what to do."""
    rows = Markup("").join(_failure(document) for document in documents)
    return Markup(
        '<section class="gw-failures"><p>{} Correct the file where it comes from, or leave it out, then run '
        "<code>groundwatch ingest</code> again: only what changed is read. The other documents are not affected.</p>"
        "{}</section>"
    ).format(failed_pill(), rows)


def _source_row(source: SourceStatus) -> Markup:
    failed = Markup('<a class="gw-soft" href="{}">{}</a>').format(
        listing_address(Listing(source=source.source, state="failed")), source.failed
    )
    took = "" if source.seconds is None else f"{source.seconds:,.1f} s"
    row = Markup(
        '<tr><td><a class="gw-soft" href="{}">{}</a></td><td><code>{}</code></td><td class="gw-figure">{}</td>'
        '<td class="gw-figure">{}</td><td class="gw-figure">{}</td><td>{}</td><td class="gw-figure">{}</td></tr>'
    ).format(
        listing_address(Listing(source=source.source)),
        source.source,
        source.location,
        f"{source.indexed:,}",
        failed if source.failed else "0",
        f"{source.passages:,}",
        age_markup(source.last_run, exact=True) if source.last_run else "never",
        took,
    )
    problems = list(source.problems)
    if not source.complete:
        problems.insert(0, "The last run did not see all of this source, so nothing was removed. Run it again.")
    notes = Markup("").join(Markup("<div>{} {}</div>").format(icon("warning"), problem) for problem in problems)
    return row + Markup('<tr class="gw-problems"><td colspan="7">{}</td></tr>').format(notes) if problems else row


def _document_row(document: DocumentSummary) -> Markup:
    return Markup(
        '<tr><td><a class="gw-soft" href="{}">{}</a> {}</td><td>{}</td><td><code>{}/{}</code></td>'
        '<td class="gw-figure">{}</td><td class="gw-nowrap">{}</td></tr>'
    ).format(
        document_address(document.id),
        document.title or document.path,
        status_pill(document.status.value) if document.status else "",
        kind_pill(document.kind.value) if document.kind else "",
        document.source,
        document.path,
        f"{document.passages:,}",
        age_markup(document.updated_at),
    )


def _failure(document: DocumentSummary) -> Markup:
    tries = "tried once" if document.attempts == 1 else f"tried {document.attempts} times"
    facts = [tries] if document.attempts else []
    if document.revision:
        facts.append(f"revision {document.revision} is still served")
    return Markup(
        '<div class="gw-failure"><code class="gw-path">{}/{}</code><p>{}</p><div class="gw-facts">{}</div></div>'
    ).format(
        document.source,
        document.path,
        document.reason or "No reason was recorded.",
        Markup("").join(Markup("<span>{}</span>").format(fact) for fact in facts),
    )


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


def _head(*names: str, figures: set[int]) -> Markup:
    cells = Markup("").join(
        Markup('<th scope="col"{}>{}</th>').format(Markup(' class="gw-figure"') if index in figures else "", name)
        for index, name in enumerate(names)
    )
    return Markup("<thead><tr>{}</tr></thead>").format(cells)
