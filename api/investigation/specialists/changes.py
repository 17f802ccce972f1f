"""The specialist for changes: the one to blame where one stands out, leads to read, and what clears the rest."""

from dataclasses import dataclass

from api.investigation.findings import Gap, GapReason
from api.investigation.observations import SourceClass
from api.investigation.reports import Brief, Report
from api.investigation.specialists.change_findings import tell
from api.investigation.specialists.writing import Notebook
from api.investigation.suspects.examining import MOST, changes_before, examine
from api.investigation.suspects.outside import is_status


@dataclass(frozen=True, slots=True)
class ChangesSpecialist:
    """Weigh all changes of seven days against what the trouble says.

    A change is blamed (a finding that is unusual enough to support a cause) only where its own lines meet the words of
    the trouble better than those of every other one, what it does can cause such trouble, it acted in time, and nothing
    outside explains it. Others are leads, which support nothing, or are cleared.
    """

    name: str = "changes"

    def investigate(self, brief: Brief) -> Report:
        """Look at the incident; see the protocol."""
        told = [one for one in brief.telemetry.coverage() if one.source is SourceClass.CHANGE]
        instance = told[0].instance if told else "changes"
        notes = Notebook(self.name, SourceClass.CHANGE, instance, brief.incident.window)
        changes, events = changes_before(brief)
        if not changes and not any(one.missing for one in told):
            detail = "no change is known of the seven days before"
            notes.gaps.append(Gap(SourceClass.CHANGE, GapReason.NO_DATA, detail, "connect deployments and commits"))
        if len(changes) > MOST:
            detail = f"{len(changes):,} changes are known of the seven days before; the last {MOST:,} are weighed"
            notes.gaps.append(Gap(SourceClass.CHANGE, GapReason.TRUNCATED, detail, "narrow it to fewer components"))
            changes = sorted(changes, key=lambda one: one.at)[-MOST:]
        if changes or any(is_status(one) for one in events):
            tell(notes, brief.incident, examine(brief, changes, events))
        return notes.report(brief.budget)
