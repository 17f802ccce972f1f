"""One draft against the evidence: a statement with exact citations, or the reason why it is not shown."""

from dataclasses import dataclass, replace

from api.answering.answer import Removed, Statement, StatementKind
from api.writing.checks_commands import check_commands, cited_command
from api.writing.checks_facts import check_facts
from api.writing.checks_meaning import check_meaning
from api.writing.checks_order import check_order
from api.writing.checks_quotes import Support, find_support
from api.writing.checks_sequence import check_sequence
from api.writing.checks_surface import check_surface, plain_text
from api.writing.checks_words import check_words
from api.writing.drafts import Draft, DraftKind
from api.writing.pack import EvidencePack
from api.writing.warned import stands_under_warning
from api.writing.words import Vocabulary
from ingest.knowledge.destruction import destruction

_NUMBERED = ("step", "item")


@dataclass(frozen=True, slots=True)
class Checker:
    """Check drafts against one pack of evidence."""

    pack: EvidencePack
    vocabulary: Vocabulary

    @classmethod
    def of(cls, pack: EvidencePack, question: str) -> "Checker":
        """Prepare to check an answer to a question against a pack."""
        return cls(pack, Vocabulary.of(pack, question))

    def check(self, draft: Draft) -> Statement | Removed:
        """Return the draft as a statement whose every part stands in what it cites, or why it is removed."""
        supports = find_support(draft.citations, self.pack)
        if isinstance(supports, str):
            return _removed(draft, supports)
        if draft.kind is DraftKind.COMMAND:
            return self._command(draft, supports)
        return self._sentence(draft, supports)

    def _command(self, draft: Draft, supports: tuple[Support, ...]) -> Statement | Removed:
        found = cited_command(draft.text, supports)
        if isinstance(found, str):
            return _removed(draft, found)
        reason = check_surface(found.text, supports, command=True)
        if reason is not None:
            return _removed(draft, reason)
        # The document's own spelling is shown: a model may have lost the line breaks that a script needs.
        return Statement(
            text=found.text,
            kind=StatementKind.COMMAND,
            citations=(found.citation,),
            depth=min((unit.depth for one in supports for unit in one.units), default=0),
            language=found.language,
            destructive=destruction(found.text),
            written=True,
        )

    def _sentence(self, draft: Draft, supports: tuple[Support, ...]) -> Statement | Removed:
        text = " ".join(draft.text.split()) if draft.text.isprintable() else draft.text
        reason = check_surface(text, supports, command=False)
        if reason is None and not _is_word_for_word(text, supports):
            reason = (
                check_facts(text, supports, self.vocabulary)
                or check_commands(text, supports, order=draft.kind is DraftKind.STEP)
                or check_meaning(text, supports, self.vocabulary)
                or check_order(text, supports, self.vocabulary)
                or check_sequence(text, supports)
                or check_words(text, supports, self.vocabulary)
            )
        if reason is not None:
            return _removed(draft, reason)
        statement = Statement(
            text=text,
            kind=StatementKind(draft.kind.value),
            citations=tuple(dict.fromkeys(one.citation for one in supports)),
            destructive=_destroys(text, supports),
            written=True,
        )
        return _placed(statement, supports) if draft.kind.value in _NUMBERED else statement


def _is_word_for_word(text: str, supports: tuple[Support, ...]) -> bool:
    """Whether a statement is a whole unit as the documents' own answer would show it, and no forbidden command."""
    whole = {" ".join(unit.text.split()) for one in supports for unit in one.units}
    return text in whole and not (destruction(text) and any(stands_under_warning(one) for one in supports))


def _placed(statement: Statement, supports: tuple[Support, ...]) -> Statement:
    """Give a step the number and depth that it has in its document."""
    steps = [unit for one in supports for unit in one.units if unit.kind in (StatementKind.STEP, StatementKind.ITEM)]
    return replace(statement, number=steps[0].number, depth=steps[0].depth) if steps else statement


def _destroys(text: str, supports: tuple[Support, ...]) -> str | None:
    """Return what a statement's commands destroy, those of the steps that it paraphrases included."""
    acts = [
        unit for one in supports for unit in one.units if unit.kind is not StatementKind.SENTENCE or "`" in unit.quote
    ]
    found = [destruction(text), *(destruction(unit.quote) for unit in acts)]
    return "; ".join(dict.fromkeys(one for one in found if one)) or None


def _removed(draft: Draft, reason: str) -> Removed:
    return Removed(plain_text(draft.text), plain_text(reason))
