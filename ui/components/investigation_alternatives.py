"""What else could have been the cause and was ruled out, and what is affected."""

from collections.abc import Sequence

from markupsafe import Markup

from api.schemas.investigations import InvestigationResult, RuledOut
from ui.components.investigation_citations import Citations
from ui.components.investigation_words import ended, name_markup
from ui.components.secret_marks import data_markup

_RULED_OUT_SHOWN = 6
_AFFECTED_SHOWN = 30


def ruled_out_markup(ruled_out: Sequence[RuledOut], cited: Citations) -> Markup:
    """Return what was tried and dismissed, each with its reason; the rest of a long list is folded."""
    if not ruled_out:
        return _section("Ruled out", Markup('<p class="gw-muted">Nothing was ruled out.</p>'))
    items = [
        Markup("<li>{}{}: {}{}</li>").format(
            name_markup(one.component),
            "" if one.kind.value == "unknown" else f", {one.kind.meaning}",
            data_markup(ended(one.reason)),
            cited.chips_of(one.findings),
        )
        for one in ruled_out
    ]
    shown = Markup('<ul class="gw-findings">{}</ul>').format(Markup("").join(items[:_RULED_OUT_SHOWN]))
    if len(items) > _RULED_OUT_SHOWN:
        shown += Markup(
            '<details class="gw-fold"><summary>{} more</summary><ul class="gw-findings">{}</ul></details>'
        ).format(len(items) - _RULED_OUT_SHOWN, Markup("").join(items[_RULED_OUT_SHOWN:]))
    return _section(Markup('Ruled out <span class="gw-count">{}</span>').format(len(items)), shown)


def blast_markup(result: InvestigationResult) -> Markup:
    """Return which components are affected beside the cause."""
    names = result.blast_radius
    if not names:
        return _section("Blast radius", Markup('<p class="gw-muted">No other component was seen to be affected.</p>'))
    items = Markup("").join(Markup("<li>{}</li>").format(name_markup(name)) for name in names[:_AFFECTED_SHOWN])
    more = f"and {len(names) - _AFFECTED_SHOWN} more" if len(names) > _AFFECTED_SHOWN else ""
    return _section(
        Markup('Blast radius <span class="gw-count">{}</span>').format(len(names)),
        Markup('<ul class="gw-names">{}</ul><p class="gw-muted">{}</p>').format(items, more),
    )


def _section(heading: Markup | str, body: Markup) -> Markup:
    return Markup('<section><h2 class="gw-section">{}</h2>{}</section>').format(heading, body)
