"""How a language model took part in an answer: what it wrote, what was removed and why, what it used."""

from markupsafe import Markup

from api.schemas.answers import Removed, Writing
from ui.components.inline import inline_markup, sentence
from ui.components.pills import icon


def fallback_markup(writing: Writing | None) -> Markup:
    """Return why the documents' own words are shown instead of the model's; nothing where they are not."""
    if writing is None or not writing.fallback:
        return Markup("")
    return Markup(
        '<p class="gw-fallback" role="status">{} <span>The answer is in the documents\' own words, not in those of {}. '
        "{}</span></p>"
    ).format(icon("format_quote"), writing.model, inline_markup(sentence(writing.fallback)))


def writing_markup(writing: Writing | None) -> Markup:
    """Return a fold with the model, its removed sentences and what it used; nothing where none took part."""
    if writing is None:
        return Markup("")
    removed = Markup("").join(_removed(one) for one in writing.removed)
    listed = (
        Markup('<p class="gw-label">Removed, and not to be relied on</p><ul>{}</ul>').format(removed)
        if removed
        else Markup("<p>Nothing was removed.</p>")
    )
    return Markup(
        '<details class="gw-fold gw-writing"><summary>{} {}</summary>{}<p class="gw-muted">{}</p></details>'
    ).format(icon("edit_note"), _headline(writing), listed, _used(writing))


def _headline(writing: Writing) -> str:
    count = len(writing.removed)
    removed = "" if not count else f", {count} sentence{'' if count == 1 else 's'} removed"
    if writing.fallback:
        return f"{writing.model} wrote a draft that is not shown{removed}"
    return f"Written by {writing.model}, checked against its citations{removed}"


def _removed(one: Removed) -> Markup:
    return Markup('<li><del>{}</del><div class="gw-muted">{}</div></li>').format(one.text, sentence(one.reason))


def _used(writing: Writing) -> str:
    cost = "" if writing.cost is None else f", cost {writing.cost:.4f}"
    tokens = f"{writing.prompt_tokens:,} tokens in, {writing.completion_tokens:,} out"
    return f"{tokens}{cost}, {writing.seconds:.1f} s"
