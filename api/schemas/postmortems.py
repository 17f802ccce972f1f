"""Drafts of postmortems on the wire."""

from api.postmortems.checking import Checked
from api.postmortems.drafts import ActionKind, Draft, SectionKind, Sure
from api.schemas.investigations import Gap, Instant, Words
from api.schemas.places import Wire


class DraftStatement(Wire):
    """One sentence with what it rests on; a question is for the team, and states nothing.

    `findings` and `observations` are ids of the investigation, `gaps` places in its list of gaps.
    """

    text: Words
    sure: Sure
    findings: list[Words] = []
    observations: list[Words] = []
    gaps: list[int] = []
    at: Instant | None = None
    action: ActionKind | None = None


class DraftSection(Wire):
    """One section."""

    kind: SectionKind
    statements: list[DraftStatement]


class PostmortemDraft(Wire):
    """A draft; nobody has read it yet. Every sentence resolves, or is a question for the team."""

    investigation: str
    title: Words
    sections: list[DraftSection]
    gaps: list[Gap]
    statements: int
    questions: int


def to_draft(draft: Draft, found: Checked, investigation: str, gaps: list[Gap]) -> PostmortemDraft:
    """Return a draft as it goes on the wire."""
    sections = [DraftSection.model_validate(one, from_attributes=True) for one in draft.sections]
    return PostmortemDraft(
        investigation=investigation,
        title=draft.title,
        sections=sections,
        gaps=gaps,
        statements=found.statements,
        questions=found.questions,
    )
