"""What an answer lacks, what to beware of, and where to look next: content of the same weight as the answer."""

from collections.abc import Sequence

from markupsafe import Markup

from api.schemas.answers import Answer
from ui.components.evidence import compact_markup
from ui.components.inline import inline_markup, sentence
from ui.components.pills import icon


def warnings_markup(warnings: Sequence[str]) -> Markup:
    """Return what the reader must know before following the answer."""
    return _section("Warnings", "warning", "gw-warnings", [sentence(warning) for warning in warnings])


def missing_markup(missing: Sequence[str]) -> Markup:
    """Return what the question asks for and the evidence lacks."""
    return _section("What is missing", "help", "gw-missing", missing)


def nearest_markup(answer: Answer) -> Markup:
    """Return the closest passages; what they are worth depends on the outcome."""
    abstained = answer.outcome == "abstained"
    heading = "Nearest documents" if abstained else "Nearest documents for the rest"
    return compact_markup(answer.nearest, heading=heading)


def what_would_help_markup(answer: Answer) -> Markup:
    """Return, for an abstention, what the reader can do to have this answered; nothing otherwise."""
    if answer.outcome != "abstained":
        return Markup("")
    advice = [
        "Ask with the exact name: an alert, error code, service or metric as it stands in the documents.",
        "Remove filters, if any are set.",
        "Ask the owner of the nearest document, and write down the answer there: "
        "after the next `groundwatch ingest` it is found here.",
    ]
    return _section("What would help", "lightbulb", "gw-advice", advice)


def _section(heading: str, symbol: str, style: str, lines: Sequence[str]) -> Markup:
    if not lines:
        return Markup("")
    items = Markup("").join(Markup("<li>{}</li>").format(inline_markup(line)) for line in lines)
    return Markup('<section class="gw-gaps {}"><h3>{} {}</h3><ul>{}</ul></section>').format(
        style, icon(symbol), heading, items
    )
