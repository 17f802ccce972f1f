"""What has changed in the documents of a stored answer since it was given."""

from collections.abc import Sequence

from markupsafe import Markup

from api.schemas.conversations import SinceThen, StaleDocument
from ui.components.pills import icon
from ui.components.places import document_address


def stale_markup(stale: Sequence[StaleDocument]) -> Markup:
    """Return one line for each document that is not what it was; nothing where all are the same."""
    if not stale:
        return Markup("")
    lines = Markup("").join(Markup("<li>{}</li>").format(line) for line in dict.fromkeys(map(_line, stale)))
    return Markup(
        '<section class="gw-gaps gw-missing gw-stale" role="status"><h3>{} Since this answer was given</h3><ul>{}</ul>'
        "<p>Ask again to have it answered from the documents as they are now.</p></section>"
    ).format(icon("history"), lines)


def _line(stale: StaleDocument) -> Markup:
    if stale.state is SinceThen.GONE:
        return Markup("A cited document was removed, or may not be shown here. What it said is withheld.")
    link = Markup('<a href="{}" target="_blank">{}</a>').format(document_address(stale.document_id), stale.title)
    if stale.state is SinceThen.EDITED:
        return Markup("{} was edited. The cited words still stand in it.").format(link)
    return Markup("{} has changed. The cited words are no longer in it.").format(link)
