"""One source of the knowledge base: what is in it, when it was read last and is read next, and its troubles."""

from markupsafe import Markup

from api.schemas.knowledge import SourceStatus
from ui.components.ages import age_markup, duration, until_markup
from ui.components.inline import sentence
from ui.components.listing import Listing, listing_address
from ui.components.pills import icon, pill

PARTIAL = "The last sync did not see all of this source, so nothing was removed. Sync it again."
_COUNTS = (("indexed", "Indexed"), ("failed", "Failed"), ("ignored", "Left out"), ("tombstoned", "Removed"))


def source_markup(source: SourceStatus) -> Markup:
    """Return the facts of one source in columns that line up with those of the others."""
    return Markup(
        '<article class="gw-source" aria-label="Source {name}"><div class="gw-source-name">'
        '<a class="gw-soft" href="{address}">{name}</a> {type}{partial}<code class="gw-path">{location}</code></div>'
        '<dl class="gw-source-counts">{counts}</dl><dl class="gw-source-times">{times}</dl>{problems}</article>'
    ).format(
        name=source.source,
        address=listing_address(Listing(source=source.source)),
        type=pill(source.type),
        partial=_completeness(source),
        location=source.location,
        counts=Markup("").join(_count(source, state, words) for state, words in _COUNTS),
        times=_times(source),
        problems=_problems(source),
    )


def _count(source: SourceStatus, state: str, words: str) -> Markup:
    number = int(getattr(source, state))
    shown: Markup | str = "0"
    if number:
        address = listing_address(Listing(source=source.source, state=state))
        loud = Markup(' class="gw-soft gw-loud"') if state == "failed" else Markup(' class="gw-soft"')
        shown = Markup('<a{} href="{}">{}</a>').format(loud, address, f"{number:,}")
    return Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(words, shown)


def _completeness(source: SourceStatus) -> Markup:
    if source.last_run is None or source.complete:
        return Markup("")
    return Markup(" {}").format(pill("Seen in part", symbol="contrast", level="warn"))


def _times(source: SourceStatus) -> Markup:
    took = "" if source.seconds is None else f", took {duration(source.seconds)}"
    facts: list[tuple[str, Markup | str]] = [
        ("Last sync", age_markup(source.last_run, exact=True) + took if source.last_run else "never"),
        ("Next run", _next_run(source)),
    ]
    if source.revision:
        facts.append(("Revision", Markup("<code>{}</code>").format(source.revision[:12])))
    return Markup("").join(Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(name, value) for name, value in facts)


def _next_run(source: SourceStatus) -> Markup | str:
    if source.next_run is not None:
        return until_markup(source.next_run)
    if source.schedule:
        return Markup("<code>{}</code>").format(source.schedule)
    return "not scheduled" if source.declared else "not declared in groundwatch.yaml"


def _problems(source: SourceStatus) -> Markup:
    problems = [sentence(problem) for problem in source.problems]
    if source.last_run is not None and not source.complete:
        problems.insert(0, PARTIAL)
    notes = Markup("").join(Markup("<p>{} {}</p>").format(icon("warning"), problem) for problem in problems)
    return Markup('<div class="gw-source-problems">{}</div>').format(notes) if problems else Markup("")
