"""A draft of a postmortem as Markdown: statements with their sources, and questions that the team answers."""

from collections.abc import Iterator

from api.exports.hostile_text import prose, sentence
from api.investigation.windows import instant_text
from api.postmortems.drafts import SectionKind, Sure
from api.schemas.postmortems import DraftSection, DraftStatement, PostmortemDraft

_TITLES = {
    SectionKind.SUMMARY: "Summary",
    SectionKind.IMPACT: "Impact",
    SectionKind.DETECTION: "Detection",
    SectionKind.TIMELINE: "Timeline (UTC, by the clocks of the sources)",
    SectionKind.CAUSAL_CHAIN: "Causal chain",
    SectionKind.CONTRIBUTING: "Contributing factors",
    SectionKind.RULED_OUT: "Ruled out",
    SectionKind.WENT_WELL: "What went well",
    SectionKind.GAPS: "Gaps and contradictions",
    SectionKind.ACTIONS: "Action items",
}


def draft_markdown(draft: PostmortemDraft) -> str:
    """Return a draft as Markdown; what others wrote in it stays plain text."""
    lines = [
        f"# Draft: {prose(draft.title)}",
        "",
        f"Drafted from investigation `{draft.investigation}`; nobody has read it yet. {draft.questions} of "
        f"{draft.statements} lines are questions for the team: nothing that was observed answers them.",
    ]
    for section in draft.sections:
        lines += ["", f"## {_TITLES[section.kind]}", "", *_lines(section)]
    return "\n".join(lines) + "\n"


def _lines(section: DraftSection) -> Iterator[str]:
    if not section.statements:
        yield "Nothing is known."
    for one in section.statements:
        yield f"- {_when(one)}{_lead(one)}{sentence(one.text)}{_sources(one)}"
        if one.action is not None:
            yield "  Owner: open. Due: open."


def _when(one: DraftStatement) -> str:
    return f"{instant_text(one.at)}: " if one.at is not None else ""


def _lead(one: DraftStatement) -> str:
    kind = f"[{one.action.value}] " if one.action is not None else ""
    return (
        f"{kind}**Question:** " if one.sure is Sure.QUESTION else f"{kind}Likely: " if one.sure is Sure.LIKELY else kind
    )


def _sources(one: DraftStatement) -> str:
    cited = [*one.findings, *one.observations, *(f"gap {place + 1}" for place in one.gaps)]
    return f" ({', '.join(f'`{name}`' for name in cited)})" if cited else ""
