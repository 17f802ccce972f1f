"""What tells a reader not to do something: words, and headings such as "Never"."""

import re

from api.answering.answer import StatementKind
from api.writing.checks_quotes import Support

_DO_NOT = r"(?<!you )(?<!we )(?<!they )(?:do not|don['’]t)"
_WARNED = re.compile(
    rf"\b(?:never|{_DO_NOT}|must(?: not|n['’]t)|should(?: not|n['’]t)|avoid|danger|forbidden|not allowed)\b",
    re.IGNORECASE,
)
_WARNED_HEADING = re.compile(r"^\W*(?:never|do not|don['’]t|avoid|what not to|not to do|forbidden)\b", re.IGNORECASE)


def warned_of(support: Support) -> bool:
    """Whether the place of a quote, what a command follows on, or a heading tells the reader not to do something."""
    commands = any(unit.kind is StatementKind.COMMAND for unit in support.units)
    told = " ".join((support.text, *(support.leads if commands else ())))
    return bool(_WARNED.search(told)) or stands_under_warning(support)


def stands_under_warning(support: Support) -> bool:
    """Whether a heading above a quote tells the reader not to do what stands there."""
    return any(_WARNED_HEADING.search(one) for one in _headings(support))


def is_warning(text: str) -> bool:
    """Whether a text tells its reader not to do something."""
    return bool(_WARNED.search(text))


def _headings(support: Support) -> tuple[str, ...]:
    return support.excerpt.stored.passage.heading_path
