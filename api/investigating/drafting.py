"""Drafts of postmortems of investigations that are done: made when they are asked for, gated before they are given."""

from typing import Protocol

from api.exports.postmortem_draft import draft_markdown
from api.investigation.investigations import Investigation
from api.postmortems.checking import checked, gated
from api.postmortems.drafting import draft_of
from api.schemas.investigations import Gap
from api.schemas.postmortems import PostmortemDraft, to_draft


class Finished(Protocol):
    """What has investigations that are done."""

    def whole(self, investigation_id: str) -> Investigation:
        """Return one; raises NotFound, and UsageError where it isn't done."""


class Drafts:
    """Drafts over what is finished."""

    def __init__(self, finished: Finished) -> None:
        self._finished = finished

    def draft(self, investigation_id: str, *, names: bool = False) -> PostmortemDraft:
        """Return the draft of one; raises NotFound, and UsageError where it isn't done."""
        return drafted(investigation_id, self._finished.whole(investigation_id), names=names)

    def markdown(self, investigation_id: str, *, names: bool = False) -> str:
        """Return it as Markdown; raises as `draft` does."""
        return draft_markdown(self.draft(investigation_id, names=names))


def drafted(investigation_id: str, investigation: Investigation, *, names: bool = False) -> PostmortemDraft:
    """Return the gated draft of an investigation."""
    draft = gated(draft_of(investigation, names=names), investigation)
    gaps = [Gap.model_validate(one, from_attributes=True) for one in investigation.gaps]
    return to_draft(draft, checked(draft, investigation), investigation_id, gaps)
