"""Whether a written answer keeps what must not get lost of the documents' own: steps, order, commands, warnings."""

from collections.abc import Sequence

from api.answering.answer import Answer, Citation, Outcome, Statement, StatementKind
from api.answering.asks import Wanted, asks
from api.retrieval.query import understand
from api.writing.checks_quotes import CODE_SPAN
from api.writing.warned import is_warning
from ingest.knowledge.commands import commands_in, is_command

_ACTS = (StatementKind.STEP, StatementKind.COMMAND, StatementKind.ITEM)
_FEWEST_STEPS = 2


def is_procedure(question: str, answer: Answer) -> bool:
    """Tell whether a question asks what to do and the answer to it is a series of steps."""
    steps = sum(one.kind in (StatementKind.STEP, StatementKind.COMMAND) for one in answer.statements)
    wanted = asks(understand(question), lambda _word: 1.0)
    return steps >= _FEWEST_STEPS and any(one.wanted is Wanted.PROCEDURE for one in wanted)


def lost_from_procedure(given: Answer, written: Sequence[Statement]) -> str:
    """Return what of a procedure the written statements lose or reorder, in words; empty where nothing."""
    reached = -1
    for one in given.statements:
        places = [number for number, other in enumerate(written) if _overlaps(one, other)]
        if one.kind not in _ACTS and not one.destructive and not is_warning(one.text):
            continue
        if not places:
            return f"it leaves out “{_short(one)}”"
        covering = [written[number] for number in places]
        if one.destructive and not any(other.destructive for other in covering):
            return f"it loses the mark of what destroys something: “{_short(one)}”"
        if is_warning(one.text) and not any(is_warning(other.text) for other in covering):
            return f"it loses the warning “{_short(one)}”"
        if lost := _lost_command(one, written):
            return f"it leaves out the command “{lost[:80]}”"
        if one.kind in _ACTS:
            later = [number for number in places if number >= reached]
            if not later:
                return f"it puts “{_short(one)}” in another place"
            reached = later[0]
    return ""


def lost_side(given: Answer, written: Sequence[Statement]) -> str:
    """Return which side of a conflict the written statements do not name; empty where both are named."""
    if given.outcome is not Outcome.CONFLICT:
        return ""
    # An answer in conflict begins with the two statements that disagree.
    for side in given.statements[:2]:
        if not any(_overlaps(side, other) for other in written):
            return f"it does not say what {side.citations[0].stored.document.path} says of the matter"
    return ""


def rests_on(statement: Statement, given: Answer) -> bool:
    """Tell whether a written statement cites words that the documents' own answer cites too."""
    return any(_overlaps(statement, one) for one in given.statements)


def _lost_command(one: Statement, written: Sequence[Statement]) -> str:
    texts = "\n".join(_folded(other.text) for other in written)
    if one.kind is StatementKind.COMMAND:
        wanted = commands_in(one.text, one.language or "")
    else:
        wanted = tuple(code for code in CODE_SPAN.findall(one.text) if is_command(code))
    return next((command for command in wanted if _folded(command) not in texts), "")


def _overlaps(one: Statement, other: Statement) -> bool:
    return any(_meet(mine, theirs) for mine in one.citations for theirs in other.citations)


def _meet(one: Citation, other: Citation) -> bool:
    if one.stored.document.id != other.stored.document.id:
        return False
    return one.span.start < other.span.end and other.span.start < one.span.end


def _short(statement: Statement) -> str:
    text = " ".join(statement.text.split())
    return text if len(text) <= 80 else f"{text[:79]}…"


def _folded(text: str) -> str:
    return " ".join(text.split())
