"""Which part of a postmortem a heading or a label opens, in the words that houses use for it."""

import re

from ingest.extraction.wording import plain
from ingest.knowledge.extracts import PostmortemPart

_NUMBERING = re.compile(r"^(?:\W|\d+[.):]\s*|step \d+\W)+|[\s:.!*_#–—-]+$", re.IGNORECASE)
_REMARK = re.compile(r"\s*[(\[][^()\[\]]{0,120}[)\]]\s*$")
_LONGEST = 120

_PARTS: tuple[tuple[PostmortemPart, re.Pattern[str]], ...] = tuple(
    (part, re.compile(rf"(?:{words})$", re.IGNORECASE))
    for part, words in (
        (
            PostmortemPart.TIMELINE,
            r"(?:[\w-]+ ){0,2}time ?lines?\b.*|chronolog(?:y|ical .*)|(?:sequence|course|log|order) of events.*|"
            r"event log",
        ),
        (
            PostmortemPart.ACTION_ITEM,
            r"(?:[\w-]+ ){0,2}action items?\b.*|actions?|follow[- ]?ups?(?: (?:actions?|items?|tasks?|work))?|"
            r"next steps?|(?:corrective|preventa?tive)\b.{0,60}(?:actions?|measures?)|remediation items?|"
            r"(?:future|planned) (?:measures?|work|improvements?|actions?|prevention)|(?:[\w-]+[ -]){1,3}improvements?|"
            r"improvements?|to-?dos?|tasks|(?:looking|moving|going) (?:forward|ahead)|what(?:'s| is) next|"
            r"(?:immediate|short[- ]term|long[- ]term|medium[- ]term) (?:actions?|steps|fixes|improvements?)\b.*|"
            r"lessons? learn(?:ed|t) and future improvements|(?:how|what) (?:we|are we|will we).{0,40}prevent.*|"
            r"prevention",
        ),
        (
            PostmortemPart.ROOT_CAUSE,
            r"(?:the |probable |technical )?root[- ]causes?\b.*|causes?|the cause|"
            r"contributing (?:factors?|causes?)\b.*|"
            r"underlying (?:cause|problem|issue)s?|cause of .*|(?:the )?five whys|5 whys|fault|what caused .*|"
            r"why (?:did )?(?:it|this) happen.*|reasons?",
        ),
        (PostmortemPart.TRIGGER, r"triggers?|trigger(?:ing)? (?:events?|changes?|causes?)|lead-?up|what triggered .*"),
        (
            PostmortemPart.IMPACT,
            r"(?:[\w/-]+ ){0,2}impact(?:s|ed .{0,40})?(?: (?:analysis|assessment|summary|statement|time|on .{0,60}))?|"
            r"affected (?:users?|services?|customers?|systems?|crates|hubs?|components?|.{0,30} affected)|"
            r"who was affected.*|blast radius|scope of (?:impact|the incident)|effects?(?: on .{0,40})?|consequences",
        ),
        (
            PostmortemPart.DETECTION,
            r"detection|how (?:was|did|were) .{0,60}(?:detect|notice|discover|find out|found)\w*.*|discovery|"
            r"(?:problem|incident|issue) detection",
        ),
        (
            PostmortemPart.RESOLUTION,
            r"(?:[\w-]+ )?resolution\b.{0,40}|recover(?:y|ed)(?: steps)?|mitigations?(?: steps)?|remediations?|"
            r"(?:the )?(?:fix|solution|workaround)|actions? taken|(?:incident )?response|"
            r"immediate (?:reaction|response)|"
            r"how (?:was|did|were) .{0,60}(?:resolv|fix|mitigat)\w*.*|resolution and recovery",
        ),
        (
            PostmortemPart.SUMMARY,
            r"(?:(?:executive|incident|issue|outage|high[- ]level|postmortem|problem|the|brief) )?"
            r"(?:summary|overview|synopsis|tl;?dr|description)|what happened|(?:issue|incident) summary\b.*",
        ),
    )
)
_OTHER = re.compile(
    r"(?:(?:key )?lessons? learn(?:ed|t|ings?)?|learnings?|key takeaways|"
    r"what (?:went|didn'?t|did not|could|worked|we did|we learned)\b.*|"
    r"where (?:we|things) (?:got|were|went)\b.*|how'?d we do|background|"
    r"appendi(?:x|ces)|apendix|"
    r"appendinx|attend?ees|participants|responders|involved parties|stats|statistics|metrics|glossary|references|"
    r"(?:supporting|further|additional) (?:information|reading|notes|material)|.*chat logs?\b.*|.*slack.*thread\b.*|"
    r"messaging|internal email|external message|authors?|date|status|duration|owner of .*|acknowledge?ments?|q&a|faq)$",
    re.IGNORECASE,
)


def part_of(heading: str) -> PostmortemPart | None:
    """Return the part that a heading or label opens; None where its words say no part."""
    words = _words(heading)
    return next((part for part, pattern in _PARTS if pattern.match(words)), None) if words else None


def opens_other(heading: str) -> bool:
    """Tell whether a heading opens something that is no field: lessons, chat logs, background."""
    return bool(_OTHER.match(_words(heading)))


def _words(heading: str) -> str:
    if len(heading) > 4 * _LONGEST:
        return ""
    words = _NUMBERING.sub("", plain(heading)).replace("’", "'")
    words = _REMARK.sub("", words).strip(" :.!-–—")
    return words if len(words) <= _LONGEST else ""
