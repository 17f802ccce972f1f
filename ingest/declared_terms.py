"""What the declarations say of each path of a source, as reading asks for it."""

from dataclasses import dataclass

from ingest.sources.declarations import Declaration, Declarations, rules_for
from ingest.terms import NO_TERMS, PathTerms


@dataclass(frozen=True, slots=True)
class DeclaredTerms:
    """The terms of the paths of one declared source."""

    declaration: Declaration
    declarations: Declarations

    def __call__(self, path: str) -> PathTerms:
        """Return the terms of a path."""
        if not (self.declaration.rules or self.declarations.rules):
            return NO_TERMS
        rule = rules_for(path, self.declaration, self.declarations)
        return PathTerms(
            kind=rule.kind,
            status=rule.status,
            superseded_by=rule.superseded_by,
            owners=tuple(rule.owners or ()),
            services=tuple(rule.services or ()),
            labels=tuple(rule.labels or ()),
            review_by=rule.review_by,
            access=tuple(rule.access or ()),
        )
