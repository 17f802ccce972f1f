"""The other turns of a conversation: one line each, opened in place, with a link to the turn and its evidence."""

from collections.abc import Sequence

from markupsafe import Markup

from api.schemas.answers import Answer, Statement
from api.schemas.conversations import Turn
from ui.components.ages import age_markup
from ui.components.commands import command_text
from ui.components.gaps import missing_markup
from ui.components.groups import GroupKind, grouped
from ui.components.inline import inline_markup, sentence
from ui.components.pills import icon
from ui.components.places import path_markup
from ui.components.statements import group_markup
from ui.components.thread_address import turn_address
from ui.components.verdict import badge_markup

SHOWN = 3
"""Turns beside the open one that are shown; the others are one click away."""


def turns_markup(turns: Sequence[Turn], conversation_id: str, *, label: str, nearest: int) -> Markup:
    """Return turns in their order; only those next to index `nearest` (0 or -1) are not folded away together."""
    if not turns:
        return Markup("")
    rows = [_turn(turn, conversation_id) for turn in turns]
    shown, folded = (rows[:SHOWN], rows[SHOWN:]) if nearest == 0 else (rows[-SHOWN:], rows[:-SHOWN])
    more = _folded(folded)
    body = [*shown, more] if nearest == 0 else [more, *shown]
    return Markup('<section class="gw-turns" aria-label="{}">{}</section>').format(label, Markup("").join(body))


def _folded(rows: Sequence[Markup]) -> Markup:
    if not rows:
        return Markup("")
    words = "1 more question" if len(rows) == 1 else f"{len(rows)} more questions"
    return Markup('<details class="gw-turns-more"><summary>{}</summary>{}</details>').format(
        words, Markup("").join(rows)
    )


def _turn(turn: Turn, conversation_id: str) -> Markup:
    answer = turn.answer
    return Markup(
        '<details class="gw-turn"><summary><span class="gw-turn-question">{}</span>'
        '<span class="gw-turn-facts">{}{}{}</span></summary>'
        '<div class="gw-turn-body">{}<p>{}</p>{}{}{}'
        '<p><a class="gw-soft" href="{}">Open with its evidence</a></p></div></details>'
    ).format(
        turn.question,
        badge_markup(answer.outcome.value),
        _stale_mark(turn),
        age_markup(turn.asked_at),
        understood_markup(answer),
        sentence(answer.reason),
        Markup("").join(_group(statements) for statements in _groups(answer)),
        missing_markup(answer.missing),
        _sources(answer),
        turn_address(conversation_id, answer.id),
    )


def understood_markup(answer: Answer) -> Markup:
    """Return how a follow-up was understood; nothing for a question that was asked as written."""
    if not answer.asked_as:
        return Markup("")
    return Markup('<p class="gw-understood">{} Understood as: <q>{}</q></p>').format(
        icon("subdirectory_arrow_right"), answer.asked_as
    )


def _stale_mark(turn: Turn) -> Markup:
    if not turn.stale:
        return Markup("")
    return Markup('<span class="gw-pill gw-pill-warn">{} Sources changed</span>').format(icon("history"))


def _groups(answer: Answer) -> list[list[Statement]]:
    return [list(group.statements) for group in grouped(answer.statements)]


def _group(statements: Sequence[Statement]) -> Markup:
    """Return statements without their numbers, which belong to the evidence of the open turn."""
    bare = [statement.model_copy(update={"citations": []}) for statement in statements]
    group = grouped(bare)[0]
    if group.kind is not GroupKind.COMMAND:
        return Markup("").join(group_markup(one) for one in grouped(bare))
    warned = statements[0].destructive
    loud = Markup('<p class="gw-destroys"><strong>Destructive:</strong> {}</p>').format(warned) if warned else ""
    return Markup('{}<pre class="gw-expr"><code>{}</code></pre>').format(loud, command_text(statements[0]))


def _sources(answer: Answer) -> Markup:
    cited = {c.passage_id: c for statement in answer.statements for c in statement.citations}
    if not cited:
        return Markup("")
    rows = Markup("").join(
        Markup("<li>{} {}</li>").format(inline_markup(one.title), path_markup(one)) for one in cited.values()
    )
    return Markup('<div class="gw-turn-sources"><span class="gw-label">Sources</span><ul>{}</ul></div>').format(rows)
