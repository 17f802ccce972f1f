"""The timeline of an incident in words: what came first, how far from the start of trouble, and the rows of each."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from api.schemas.investigations import Window
from ui.components.ages import duration
from ui.components.investigation_citations import Citations
from ui.components.investigation_moments import Moment, MomentKind, strongest
from ui.components.investigation_words import instant_words, name_markup, plural
from ui.components.pills import icon
from ui.components.secret_marks import data_markup

_SHOWN = 12
_SYMBOLS = {
    MomentKind.CHANGE: "commit",
    MomentKind.EVENT: "campaign",
    MomentKind.BEGIN: "notifications_active",
    MomentKind.ONSET: "trending_up",
    MomentKind.CAUSE: "adjust",
    MomentKind.SYMPTOM: "sick",
}


def timeline_markup(moments: Sequence[Moment], cited: Citations, colours: Mapping[str, str], trouble: Window) -> Markup:
    """Return the moments that matter most in the order of time, and all of them below a fold."""
    if len(moments) < 2:
        words = Markup('<p class="gw-muted">No onset and no change is known to the minute.</p>')
        return _section(Markup("Timeline"), words)
    shown = strongest(moments, _SHOWN)
    body = _list(shown, cited, colours, trouble)
    if len(shown) < len(moments):
        body += Markup('<details class="gw-fold"><summary>All {}</summary>{}</details>').format(
            plural(len(moments), "moment"), _list(moments, cited, colours, trouble)
        )
    return _section(Markup('Timeline <span class="gw-count">{}</span>').format(len(moments)), body)


def ahead(at: int, start: int) -> str:
    """Return how far an instant lies from the start of trouble."""
    apart = (at - start) / 1e6
    length = duration(abs(apart)).removesuffix(" 0 s").removesuffix(" 0 min")
    return f"{length} {'later' if apart > 0 else 'earlier'}" if apart else "at the start"


def dot_markup(component: str, colours: Mapping[str, str]) -> Markup:
    """Return a dot in the colour of a component; nothing for one that has none."""
    colour = colours.get(component)
    return Markup('<span class="gw-dot" style="background:{}"></span>').format(colour) if colour else Markup("")


def _list(moments: Sequence[Moment], cited: Citations, colours: Mapping[str, str], trouble: Window) -> Markup:
    items = Markup("").join(_item(one, cited, colours, trouble) for one in moments)
    return Markup('<ol class="gw-moments">{}</ol>').format(items)


def _item(one: Moment, cited: Citations, colours: Mapping[str, str], trouble: Window) -> Markup:
    who = Markup("{}{}").format(dot_markup(one.component, colours), name_markup(one.component))
    return Markup(
        '<li class="gw-moment-{}"><span title="{}">{}<br><span class="gw-muted">{}</span></span>'
        "<span>{} {}<br>{}</span><span>{}{}</span></li>"
    ).format(
        one.kind.name.lower(),
        instant_words(one.at),
        instant_words(one.at, day=False),
        ahead(one.at, trouble.start),
        icon(_SYMBOLS[one.kind]),
        one.kind.value,
        who if one.component else "",
        data_markup(cited.sentence(one.words)),
        cited.chips(one.observations[:3]),
    )


def _section(heading: Markup, body: Markup) -> Markup:
    return Markup('<section id="timeline"><h2 class="gw-section">{}</h2>{}</section>').format(heading, body)
