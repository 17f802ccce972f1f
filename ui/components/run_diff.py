"""What a run changed, line by line, and the list of runs."""

from collections.abc import Sequence

from markupsafe import Markup

from api.schemas.upkeep import ChangedDocument, RunSummary
from ui.components.ages import age_markup, duration
from ui.components.places import document_address
from ui.components.run_report import change_icon, counts_in_order, outcome_markup, run_address
from ui.components.tables import row_markup, table_markup


def diff_markup(changes: Sequence[ChangedDocument]) -> Markup:
    """Return one row for each changed document; one that is still known is a link."""
    rows = [row_markup((_change(one), _document(one), one.detail)) for one in changes]
    return table_markup(("Change", "Document", "Why"), rows, style="gw-diff") if rows else Markup("")


def runs_markup(runs: Sequence[RunSummary]) -> Markup:
    """Return one row for each run."""
    rows = [_run_row(run) for run in runs]
    names = ("Run", "Outcome", "Started", "Took", "Sources", "Changes", "Generation")
    return table_markup(names, rows, figures={3, 6}, style="gw-runs") if rows else Markup("")


def _change(one: ChangedDocument) -> Markup:
    kind = one.change.value
    return Markup('<span class="gw-change gw-change-{}">{} {}</span>').format(
        kind, change_icon(kind), kind.capitalize()
    )


def _document(one: ChangedDocument) -> Markup:
    name = Markup('<code class="gw-path">{}/{}</code>').format(one.source, one.path)
    if one.document_id is None:
        return name
    return Markup('<a class="gw-soft" href="{}">{}</a>').format(document_address(one.document_id), name)


def _run_row(run: RunSummary) -> Markup:
    changes = ", ".join(f"{count:,} {kind}" for kind, count in counts_in_order(run.counts))
    return row_markup(
        (
            Markup('<a class="gw-soft" href="{}">{}</a>').format(run_address(run.id), run.id),
            outcome_markup(run),
            age_markup(run.started_at, exact=True),
            duration(run.seconds) if run.finished_at is not None else "",
            ", ".join(run.sources) if run.sources else "all",
            changes or "none",
            "" if run.generation is None else f"{run.generation}",
        ),
        figures={3, 6},
    )
