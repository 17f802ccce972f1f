"""Plain text, taken as it is: what looks like Markdown in it is read as Markdown."""

from ingest.parsing.decoding import decode
from ingest.parsing.rendered import Rendered

_LONGEST_TITLE = 100


def render_text(data: bytes) -> Rendered:
    """Return the text unchanged but for its line ends; a short first line is the title."""
    decoded = decode(data)
    first = next(line for line in decoded.text.split("\n") if line.strip())
    title = first.strip().strip("#=*- \t")
    is_title = 0 < len(title) <= _LONGEST_TITLE and not title.endswith((".", ",", ";"))
    return Rendered(decoded.text, title if is_title else None, warnings=decoded.warnings)
