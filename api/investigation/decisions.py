"""What people decided about causes, which a conclusion keeps to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from api.investigation.faults import FaultKind


@dataclass(frozen=True, slots=True)
class ConfirmedCause:
    """A component that a person says is at fault."""

    component: str
    who: str


@dataclass(frozen=True, slots=True)
class RejectedCause:
    """A component that a person says is not at fault, why, and the finding that holds what they said."""

    component: str
    reason: str
    finding: str


@dataclass(frozen=True, slots=True)
class Decisions:
    """What people decided: a cause that is confirmed, causes that are not at fault, and theories to be weighed.

    `theories` are components that become hypotheses whatever their rank, `kinds` what people say is wrong with some.
    `spoken` says that people added to the evidence or took from it: numbers were fitted without them, and none is told.
    """

    confirmed: ConfirmedCause | None = None
    rejected: tuple[RejectedCause, ...] = ()
    theories: tuple[str, ...] = ()
    kinds: Mapping[str, FaultKind] = field(default_factory=dict)
    spoken: bool = False

    @property
    def rejected_components(self) -> frozenset[str]:
        """The components that are not at fault."""
        return frozenset(one.component for one in self.rejected)
