"""Words by what they do in a question: name an aspect of some subject, refer to a subject, say when."""

NUMBERED = {
    word: number
    for number, word in enumerate(
        ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"), start=1
    )
}
"""Ordinals that name a step."""

_REFERRING = """
alert alerts error errors alarm alarms warning message exception code
service services system component app application job jobs task pod pods node host server cluster database queue topic
runbook document page article postmortem incident outage issue problem failure
procedure step steps command commands query one ones thing
"""
REFERRING = frozenset(_REFERRING.split())
"""Nouns that with "this" or "the" mean something that was named before."""

_ASPECTS = """
fix fixes fixed fixing solve solved resolve resolved resolution mitigate mitigation mitigated handle handled
check checks checked checking verify verified verification confirm confirmed validate test tested
cause causes caused reason reasons root why happen happens happened happening trigger triggers triggered
impact effect effects consequence consequences risk risks risky dangerous destructive safe severity severe urgent
priority
steps step next further first last second exactly precisely usually normally typically generally always ever never
often long quickly soon later now today tonight again back instead already anyway
owner owners own owns owned responsible contact escalate escalates escalated escalation page paged pages inform informed
notify notified call called involved approve approved ask asked
dashboard dashboards graph graphs metric metrics log logs runbook runbooks documentation documented docs document
link links threshold thresholds limit limits expression rule rules query command commands procedure
silence silenced mute muted acknowledge prevent prevented prevention avoid avoided undo revert reverted rollback
roll rolled mean means meaning explain explained explanation detail details example examples summary short
known false positive positives alarm symptom symptoms sign signs look looks
before sure certain possible necessary needed require required enough
work works worked fail fails failed fire fires fired firing resolves recover recovers recovered recovery wait
help helps debug diagnose diagnosed diagnosis troubleshoot investigate find seen
time times minutes hours duration
issue problem incident
"""
ASPECTS = frozenset(_ASPECTS.split())
"""Words that ask something about a subject and are none themselves."""

_TIMES = """
week month year quarter morning evening afternoon night weekend time day hour minute
monday tuesday wednesday thursday friday saturday sunday
"""
TIMES = frozenset(_TIMES.split())
"""Nouns that with "this" say when, and mean nothing that was named before."""
