"""Where a passage stands: heading path, path with lines, and links to the document here and at its source."""

from collections.abc import Sequence
from urllib.parse import urlencode

from markupsafe import Markup

from api.schemas.places import Place
from api.schemas.structure import NamedDocument, StatedAt
from ui.components.inline import web_address
from ui.components.pills import icon, kind_pill, status_pill
from ui.components.secret_marks import data_markup

DOCUMENT_PAGE = "knowledge"
_LONGEST_QUOTE = 600  # the whole passage is one click away


def document_address(
    document_id: str, *, lines: tuple[int, int] | None = None, characters: tuple[int, int] | None = None
) -> str:
    """Return the address of a document in this app, with a span of it marked."""
    query = {"document": document_id}
    if lines:
        query["line"] = f"{lines[0]}-{lines[1]}"
    if characters:
        query["chars"] = f"{characters[0]}-{characters[1]}"
    return f"{DOCUMENT_PAGE}?{urlencode(query)}"


def place_address(place: Place) -> str:
    """Return the address of a place in this app."""
    return document_address(
        place.document_id,
        lines=(place.line_start, place.line_end),
        characters=(place.char_start, place.char_end),
    )


def heading_path_markup(headings: Sequence[str], *, title: str = "") -> Markup:
    """Return the headings from the outermost one on; one that only repeats the title is left out."""
    shown = [heading for heading in headings if heading != title]
    steps = Markup(' <span aria-hidden="true">\u203a</span> ').join(shown)
    return Markup('<div class="gw-headings">{}</div>').format(steps) if shown else Markup("")


def path_markup(place: Place, *, line_end: int | None = None) -> Markup:
    """Return source, path and lines as one identifier, up to `line_end` if given; the page for paged formats."""
    last = place.line_end if line_end is None else line_end
    lines = f"{place.line_start}-{last}" if last > place.line_start else f"{place.line_start}"
    page = "" if place.page is None else f" (page {place.page})"
    return Markup('<code class="gw-path">{}/{}:{}</code>{}').format(place.source, place.path, lines, page)


def source_link_markup(url: str | None) -> Markup:
    """Return a link to the document at its source, or nothing where there is no web address."""
    address = web_address(url)
    if address is None:
        return Markup("")
    return Markup('<a href="{}" target="_blank">Open at source {}</a>').format(address, icon("open_in_new"))


def document_link_markup(place: Place) -> Markup:
    """Return a link that opens the document in a new tab, so that the answer stays where it is."""
    return Markup('<a href="{}" target="_blank">Open document</a>').format(place_address(place))


def named_document_markup(document: NamedDocument) -> Markup:
    """Return a link to a document with its kind, status and path."""
    return Markup('<a class="gw-soft" href="{}">{}</a> {}{} <code class="gw-path">{}/{}</code>').format(
        document_address(document.document_id),
        document.title or document.path,
        kind_pill(document.kind.value),
        status_pill(document.status.value),
        document.source,
        document.path,
    )


def stated_markup(stated: StatedAt) -> Markup:
    """Return where a fact stands: the words quoted, and a link to exactly these lines."""
    return Markup(
        '<div class="gw-stated"><blockquote>{}</blockquote><div class="gw-facts"><a class="gw-soft" href="{}">{}, {}'
        '</a>{}<code class="gw-path">{}/{}</code>{}</div></div>'
    ).format(
        data_markup(_shortened(stated.quote)),
        stated_address(stated),
        stated.title or stated.path,
        line_words(stated.line_start, stated.line_end),
        Markup("<span>stated in: {}</span>").format(stated.stated_in) if stated.stated_in != "text" else "",
        stated.source,
        stated.path,
        source_link_markup(stated.url),
    )


def stated_address(stated: StatedAt) -> str:
    """Return the address of the lines that state a fact."""
    return document_address(
        stated.document_id,
        lines=(stated.line_start, stated.line_end),
        characters=(stated.char_start, stated.char_end),
    )


def line_words(first: int, last: int) -> str:
    """Return "line 4" or "lines 4 to 6"."""
    return f"line {first}" if last <= first else f"lines {first} to {last}"


def _shortened(quote: str) -> str:
    text = quote.strip("\n")
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE].rstrip()} …"
