"""What was looked at and what was not: gaps with how to close them, sources, and how each specialist ended."""

from collections.abc import Sequence

from markupsafe import Markup

from api.schemas.investigations import Coverage, Gap, InvestigationResult, ObservationSummary, SpecialistRun
from ui.components.inline import sentence
from ui.components.investigation_citations import Citations
from ui.components.investigation_words import ended, name_markup, window_words
from ui.components.pills import icon, pill
from ui.components.secret_marks import data_markup
from ui.components.tables import row_markup, table_markup

_OBSERVATIONS_SHOWN = 300
_STATES = {
    "done": ("Done", "check", "good"),
    "failed": ("Failed", "error", "stop"),
    "timed_out": ("Ran out of time", "timer_off", "warn"),
    "cancelled": ("Called off", "cancel", "warn"),
}


def gaps_markup(gaps: Sequence[Gap]) -> Markup:
    """Return what was not seen and so may hide a cause."""
    if not gaps:
        return Markup(
            '<section><h2 class="gw-section">What was not seen</h2><p class="gw-muted">No gap was found.</p></section>'
        )
    items = Markup("").join(_gap(one) for one in gaps)
    return Markup('<section class="gw-gaps gw-missing"><h3>{} What was not seen</h3><ul>{}</ul></section>').format(
        icon("visibility_off"), items
    )


def specialists_markup(runs: Sequence[SpecialistRun]) -> Markup:
    """Return how each specialist ended."""
    rows = [
        row_markup((one.name, _state(one.state), f"{one.rows_read:,}", data_markup(one.detail)), figures=(2,))
        for one in runs
    ]
    table = table_markup(("Specialist", "Ended", "Rows read", "Why"), rows, figures=(2,))
    return Markup('<section><h2 class="gw-section">Specialists</h2>{}</section>').format(table)


def sources_markup(coverage: Sequence[Coverage]) -> Markup:
    """Return each source with the time it tells of and the healthy time to compare with."""
    rows = [
        row_markup(
            (
                one.source.value,
                Markup("{}{}").format(
                    name_markup(one.instance),
                    Markup(" for {}").format(name_markup(one.component)) if one.component else "",
                ),
                window_words(one.window) if one.window else data_markup(sentence(one.missing or "holds nothing")),
                window_words(one.baseline) if one.baseline else "none",
            )
        )
        for one in coverage
    ]
    table = table_markup(("Source", "Where", "Looked at", "Healthy time"), rows)
    return Markup('<section><h2 class="gw-section">Sources</h2>{}</section>').format(table)


def observations_markup(result: InvestigationResult, cited: Citations) -> Markup:
    """Return a fold with every observation, so that rows that nothing cites can be opened as well."""
    shown: list[ObservationSummary] = result.observations[:_OBSERVATIONS_SHOWN]
    rows = [
        row_markup(
            (cited.chips([one.id]), data_markup(one.summary), one.query.source.value, f"{one.kept:,} of {one.total:,}"),
            figures=(3,),
        )
        for one in shown
    ]
    cut = len(result.observations) - len(shown)
    more = Markup('<p class="gw-muted">{} more are in the JSON of this investigation.</p>').format(f"{cut:,}")
    return Markup('<details class="gw-fold"><summary>All observations ({})</summary>{}{}</details>').format(
        f"{len(result.observations):,}",
        table_markup(("Rows", "What was seen", "Source", "Kept"), rows, figures=(3,)),
        more if cut > 0 else "",
    )


def _gap(gap: Gap) -> Markup:
    where = Markup(" of {}").format(name_markup(gap.component)) if gap.component else ""
    when = f", {window_words(gap.window)}" if gap.window else ""
    return Markup("<li><strong>{}{}</strong> ({}){}: {} <strong>To close it:</strong> {}</li>").format(
        gap.source.value.capitalize(),
        where,
        gap.reason.value.replace("_", " "),
        when,
        data_markup(ended(gap.detail)),
        data_markup(ended(gap.next_step)),
    )


def _state(state: str) -> Markup:
    words, symbol, level = _STATES.get(state, (state, "help", ""))
    return pill(words, symbol=symbol, level=level)
