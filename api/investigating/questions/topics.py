"""The words by which a question's topic is told; the first topic that one of its words stands for counts."""

import re
from collections.abc import Mapping

from api.schemas.investigation_questions import Topic

# What asks for advice comes after what asks how something is known, and a cause after all that names one of its sides.
_WORDS: Mapping[Topic, tuple[str, ...]] = {
    Topic.EVIDENCE: (
        r"\bevidence\b", r"\b(?:support|back)s? (?:this|that|it)\b", r"\bproofs?\b", r"how do (?:you|we) know",
        r"speaks? (?:for|against)", r"(?:why do|makes) you (?:think|say|believe)\b",
    ),
    Topic.ADVICE: (
        r"\bhow (?:do|can|should|would) (?:i|we|you)\b", r"\bhow to\b", r"\b(?:run|play)books?\b", r"\bprocedures?\b",
        r"\bwho (?:owns|is on.?call|do i|should)", r"\bowners?\b", r"\bescalat", r"\bon.?call\b",
        r"\b(?:roll|fail) ?(?:it |this )?(?:back|over)\b", r"\b(?:mitigate|fix|remedy)\b",
    ),
    Topic.LOGS: (
        r"\blogs?\b", r"\blog lines?\b", r"\bstack ?traces?\b", r"\bexceptions?\b", r"\berror messages?\b",
        r"\b(?:prints|printed|printing|writes|wrote|writing)\b",
    ),
    Topic.RULED_OUT: (
        r"\brul(?:e|ed|ing) (?:\S+ )?out\b", r"\bexclud", r"\beliminat", r"\bcleared\b", r"\binnocent\b",
        r"\boff the table\b",
    ),
    Topic.GAPS: (
        r"\bgaps?\b", r"\bmissing\b", r"\bblind\b", r"(?:not|n't) (?:we )?(?:see|seen|look|known?|have)\b",
        r"\bunknowns?\b",
    ),
    Topic.NEXT: (
        r"\bsettle\b", r"\bwould prove\b", r"\bnext (?:steps?|checks?|quer|thing|look)", r"\bnext\?*$",
        r"\bwould decide\b", r"\bwhat else (?:should|can|could)\b",
        r"\b(?:check|look|do|try)\b.*\b(?:now|next|first)\b",
    ),
    Topic.CERTAINTY: (
        r"\bhow (?:sure|certain|confident|likely)\b", r"\bconfiden", r"\bverdict\b",
        r"\b(?:is it|are you) (?:certain|confirmed|sure|positive)\b", r"\bhow much do (?:you|we) trust\b",
        r"\bis (?:it|that|this) final\b",
    ),
    Topic.ONSET: (
        r"\bwhen (?:did|does|was|were|has|had|it)\b", r"\bwhen\?*$", r"\bsince\b",
        r"\b(?:what|which) (?:time|minute|hour|moment)\b", r"\bearliest\b", r"\bhow early\b", r"\bstart time\b",
        r"\bhow long\b", r"\b(?:first|earliest) (?:signs?|symptoms?)\b", r"\bfirst\?*$",
    ),
    Topic.SPREAD: (
        r"\bspread\b", r"\bpropagat", r"\bcausal (?:chain|path)\b", r"\bpath from\b",
        r"\bhow did (?:it|this|the \w+) (?:reach|get|travel|move)",
    ),
    Topic.AFFECTED: (
        r"\b(?:affect|impact|hit\b|hurt\b|suffer|damage)", r"\bblast radius\b", r"\bdownstream\b", r"\bvictims?\b",
        r"\b(?:is|are|was|were)\b.*\b(?:fine|ok(?:ay)?|healthy|all right)\b",
    ),
    Topic.SUSPECT: (
        r"\b(?:is|was|could|might|can|are)\b.*\b(?:cause|culprit|fault|blamed?|guilty|responsible|broken)\b",
        r"\b(?:could|might|can|must) (?:it|this|that) (?:have been|be)\b", r"\bin the clear\b",
        r"\b(?:did|do you think)\b.*\b(?:trigger|did it|break)", r"\bwhy (?:not|isn't|is \S+ not|wasn't)\b",
    ),
    Topic.CHANGED: (
        r"\bchang(?:e|es|ed)\b", r"\bdeploy", r"\breleases?d?\b", r"\broll(?:ed)?.?outs?\b", r"\bcommits?\b",
        r"\bfeature flags?\b", r"\bmigrations?\b", r"\bconfig(?:uration)?\b", r"\bnew version\b", r"\btouched\b",
        r"\bflipped\b", r"\bmerge[ds]?\b", r"\bpushe?[ds]?\b", r"\bship(?:s|ped)?\b",
    ),
    Topic.CAUSE: (
        r"\bcaus", r"\bsummar", r"\bsum up\b", r"\bwhat do we know\b", r"\bgist\b", r"\breasons?\b",
        r"\bwhat (?:failed|broke)\b", r"\bwhich one is it\b", r"\bexplain\b", r"\bwhodunn?it\b",
        r"\bwent (?:south|wrong)\b", r"\bculprit\b", r"\bat fault\b", r"\bto blame\b",
        r"\bwhich (?:component|service|system)\b", r"\bwhat happened\b",
        r"\bwhat(?:'s| is| was| went) (?:wrong|broken|happening|going on|failing|the (?:problem|issue|matter))\b",
        r"^why\b",
    ),
}  # fmt: skip

_PATTERNS = {topic: re.compile("|".join(words), re.IGNORECASE) for topic, words in _WORDS.items()}


def topic_of(text: str) -> Topic | None:
    """Return what a question is about, None where none of the words tells."""
    return next((topic for topic, pattern in _PATTERNS.items() if pattern.search(text)), None)
