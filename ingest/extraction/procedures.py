"""Procedures of a document: ordered lists and numbered headings that tell what to do, with their commands."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ingest.extraction.preconditions import (
    Prerequisites,
    announces_prerequisites,
    is_prerequisites,
    preconditions_for,
)
from ingest.extraction.wording import Item, folded, item_at, plain
from ingest.knowledge.commands import code_block, commands_in, is_command
from ingest.knowledge.destruction import destruction
from ingest.knowledge.documents import Block, BlockKind, Document, DocumentKind, Section
from ingest.knowledge.extracts import Procedure, Step
from ingest.knowledge.spans import LineIndex

_FEWEST = 2  # steps; one numbered line alone is no procedure
_INLINE_CODE = re.compile(r"(?<!`)`([^`\n]{2,400})`(?!`)")
_ONLY_LINK = re.compile(r"^\s*(?:\[[^\]]*\]\([^)]*\)|\[[^\]]*\]\[[^\]]*\]|<?https?://\S+>?)[\s.]*$")
_NO_PROCEDURE = re.compile(
    r"^(?:references?|further reading|see also|(?:table of )?contents|toc|links?|resources|footnotes|sources|faq|"
    r"related\b.*|changelog|release notes|agenda|work ?plan|roadmap|milestones|(?:non-?)?goals|action items?|"
    r"alternatives)$",
    re.IGNORECASE,
)
_NUMBERED_HEADING = re.compile(r"^(?:(?:step|phase)\s*#?\s*(\d{1,2})\b|(\d{1,2})[.)](?!\d)\s*\S)", re.IGNORECASE)
_ASIDE = re.compile(
    r"^(?:\W|first(?:ly)?\b|second(?:ly)?\b|third(?:ly)?\b|next\b|then\b|now\b|finally\b|lastly\b|afterwards?\b|"
    r"optional(?:ly)?\b|again\b|also\b|please\b|and\b|just\b|simply\b|manually\b|carefully\b|you(?:'ll)?\b|"
    r"(?:will )?need to\b|(?:should|can|must|may)\b|always\b|immediately\b|do not\b|don't\b|once .{3,80}?, |"
    r"(?:if|when|on|in|from|for|at|after|before|using|with|to|under|within|as|via|by) .{2,120}?[,:] |\([^)]{1,60}\))+",
    re.IGNORECASE,
)
_VERBS = """
access acquire activate add adjust allow announce append apply approve arrange ask assess assign attach attempt back
backup begin boot bring browse build bump bypass call cancel capture change check choose clean clear click clone
close collect commit compare compile complete compress compute configure confirm connect consider consult contact
continue convert copy correct cordon create cut deactivate debug declare decide decrease define delete demote deploy
describe detach determine diagnose disable disconnect discuss display do document double download drain drop dump
duplicate edit eject email enable encrypt engage enlarge ensure enter escalate establish estimate evaluate evict
examine execute exit expand export extend extract failover fetch file fill filter find fix flush focus follow force
format gather generate get give go grab grant halt have hit hold identify ignore implement import increase inform
initialize initiate inject insert inspect install investigate invite invoke isolate issue join keep kill label launch
leave let limit link list load locate lock log login look lower maintain make mark measure merge migrate mitigate
modify monitor mount move navigate note notify observe obtain open order override page paste patch pause perform pick
ping place plan point poll populate post power prepare press prevent print proceed promote prune provide provision
publish pull purge push put query raise re-run read reapply rebase reboot rebuild recheck record recover recreate
redeploy redirect reduce refer refresh register reinstall reissue release reload remediate remember remove rename
renew repair repeat replace replicate reply report request rerun reset resize resolve restart restore resume retrieve
retry return reveal revert review revoke roll rollback rotate run save scale scan schedule scroll search see select
send set shift show shut shutdown sign silence simulate skip specify spin ssh start stop store submit subscribe suspend
switch sync synchronise synchronize tag tail take talk tell terminate test track transfer trigger troubleshoot try turn
type unblock uncordon undo uninstall unlock unmount unset unzip update upgrade upload use validate verify view visit
wait watch work write
"""
_IMPERATIVES = frozenset(_VERBS.split())
_NUMBER = re.compile(r"^(?:(?:step|phase)\s*#?\s*)?\d{1,2}[.):]?\s*[-–—:]?\s*", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z][A-Za-z-]*")


@dataclass(slots=True)
class _Draft:
    """A step while its list is read: its item, and blocks between it and the next step that belong to it."""

    item: Item
    between: list[Block] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Numbered:
    """A numbered heading: its number, which section it opens, and that section's heading path."""

    number: int
    index: int
    path: tuple[str, ...]


def find_procedures(document: Document, lines: LineIndex) -> tuple[Procedure, ...]:
    """Return the procedures of `document` in order: ordered lists, and series of numbered headings."""
    known = Prerequisites.of(document)
    found = [*_lists(document, lines, known), *_heading_series(document, lines, known)]
    return tuple(sorted(found, key=lambda procedure: (procedure.span.start, procedure.span.end)))


def _lists(document: Document, lines: LineIndex, known: Prerequisites) -> Iterator[Procedure]:
    for section in document.sections:
        if is_prerequisites(section) or not any(block.kind is BlockKind.STEP for block in section.blocks):
            continue
        heading = section.heading_path[-1] if section.heading_path else document.facts.title
        if _NO_PROCEDURE.match(heading.strip(" :")):
            continue
        for drafts in _runs(document.text, section):
            steps = tuple(_step(document.text, lines, draft) for draft in drafts)
            if _is_procedure(document, steps):
                stated = preconditions_for(document.text, lines, known, section, drafts[0].item.block)
                span = lines.span(steps[0].span.start, steps[-1].span.end)
                yield Procedure(heading, section.heading_path, span, steps, stated)


def _runs(text: str, section: Section) -> Iterator[list[_Draft]]:
    """Yield the ordered lists of a section; code and paragraphs between two items belong to the first of them."""
    run: list[_Draft] = []
    pending: list[Block] = []
    announced = False
    for number, block in enumerate(section.blocks):
        if block.depth > 0:
            continue
        if block.kind is not BlockKind.STEP:
            pending.append(block)
            continue
        item = item_at(text, section.blocks, number)
        if run and _continues(run, item, pending):
            run[-1].between.extend(pending)
        else:
            if run and not announced:
                yield run
            run = []
            announced = bool(pending) and announces_prerequisites(text, pending[-1])
        run.append(_Draft(item))
        pending = []
    if run and not announced:
        if pending and pending[0].kind is BlockKind.CODE:
            run[-1].between.append(pending[0])
        yield run


def _continues(run: list[_Draft], item: Item, pending: list[Block]) -> bool:
    if not pending:
        return True
    last = run[-1].item.number
    if last is None or item.number is None or any(block.kind is BlockKind.HEADING for block in pending):
        return False
    # "1." before each step, with code that was not indented between them, is a list to its author.
    all_ones = item.number == last == 1 and all(block.kind is BlockKind.CODE for block in pending)
    return item.number == last + 1 or all_ones


def _step(text: str, lines: LineIndex, draft: _Draft) -> Step:
    item = draft.item
    blocks = [*item.inner, *draft.between]
    end = max((block.span.end for block in draft.between), default=item.block.span.end)
    code = [block for block in blocks if block.kind is BlockKind.CODE]
    words = _without(text, item.start, end, code)
    commands = _commands(text, item.start, end, code)
    return Step(words, lines.span(item.block.span.start, end), commands, _worst(commands))


def _commands(text: str, start: int, end: int, code: Sequence[Block]) -> tuple[str, ...]:
    """Return the commands of a stretch in order: those of its code blocks and those in inline code."""
    found: list[tuple[int, str]] = []
    for block in code:
        inner = code_block(text, block.span.start, block.span.end)
        found += ((inner.start, command) for command in commands_in(text[inner.start : inner.end], inner.language))
    for begin, stop in _gaps(start, end, code):
        for match in _INLINE_CODE.finditer(text, begin, stop):
            if is_command(match.group(1)):
                found.append((match.start(), match.group(1).strip().removeprefix("$ ")))
    return tuple(dict.fromkeys(command for _, command in sorted(found, key=lambda each: each[0])))


def _gaps(start: int, end: int, code: Sequence[Block]) -> Iterator[tuple[int, int]]:
    """Yield what lies between code blocks."""
    for block in sorted(code, key=lambda each: each.span.start):
        if block.span.start > start:
            yield start, min(block.span.start, end)
        start = max(start, block.span.end)
    if start < end:
        yield start, end


def _without(text: str, start: int, end: int, code: Sequence[Block]) -> str:
    return folded(" ".join(text[begin:stop] for begin, stop in _gaps(start, end, code)))


def _worst(commands: Sequence[str]) -> str:
    said = (destruction(command) for command in commands)
    return "; ".join(dict.fromkeys(part for words in said if words for part in words.split("; ")))


def _is_procedure(document: Document, steps: Sequence[Step]) -> bool:
    """Tell whether most steps tell somebody to do something; lists of links and of questions do not."""
    if len(steps) < _FEWEST:
        return False
    if sum(bool(_ONLY_LINK.match(step.text)) for step in steps) * 2 > len(steps):
        return False
    if sum(step.text.rstrip("* _").endswith("?") for step in steps) * 2 > len(steps):
        return False
    commanding = any(step.commands for step in steps)
    if document.facts.kind is DocumentKind.POSTMORTEM and not commanding:
        return False
    asking = sum(bool(step.commands) or _tells(step.text) for step in steps)
    return asking * 2 >= len(steps)


def _tells(words: str) -> bool:
    """Tell whether a step opens with an imperative, asides like "Then," and "If it fails," put away."""
    said = plain(words[:300])
    rest = _ASIDE.sub("", said)
    first = _WORD.match(rest.lstrip(" ,:"))
    return first is not None and first.group().lower() in _IMPERATIVES


def _heading_series(document: Document, lines: LineIndex, known: Prerequisites) -> Iterator[Procedure]:
    """Yield series of sibling headings "Step 1", "Step 2", …, or "1. Do this", "2. Do that"."""
    series: list[_Numbered] = []
    for index, section in enumerate(document.sections):
        path = section.heading_path
        number = _heading_number(section)
        inside = bool(series) and path[: len(series[0].path) - 1] == series[0].path[:-1]
        if inside and (number is None or len(path) > len(series[0].path)):
            continue
        if number is not None and inside and number == series[-1].number + 1:
            series.append(_Numbered(number, index, path))
            continue
        yield from _series(document, lines, known, series)
        series = [_Numbered(number, index, path)] if number in (0, 1) else []
    yield from _series(document, lines, known, series)


def _heading_number(section: Section) -> int | None:
    match = _NUMBERED_HEADING.match(section.heading_path[-1]) if section.heading_path else None
    return int(match.group(1) or match.group(2)) if match else None


def _series(
    document: Document, lines: LineIndex, known: Prerequisites, series: Sequence[_Numbered]
) -> Iterator[Procedure]:
    if len(series) < _FEWEST:
        return
    steps = tuple(_section_step(document, lines, each.index) for each in series)
    telling = sum(bool(step.commands) or _tells(_NUMBER.sub("", step.text, count=1)) for step in steps)
    worded = any(each.path[-1].lower().startswith("step") for each in series)
    if not worded and telling * 2 < len(steps):
        return
    path = series[0].path[:-1]
    span = lines.span(steps[0].span.start, steps[-1].span.end)
    stated = preconditions_for(document.text, lines, known, document.sections[series[0].index], None)
    yield Procedure(path[-1] if path else document.facts.title, path, span, steps, stated)


def _section_step(document: Document, lines: LineIndex, index: int) -> Step:
    """Return the step that a numbered heading opens, with what stands under it."""
    first = document.sections[index]
    path = first.heading_path
    blocks: list[Block] = []
    end = first.span.end
    for section in itertools.islice(document.sections, index, None):
        if section is not first and (
            len(section.heading_path) <= len(path) or section.heading_path[: len(path)] != path
        ):
            break
        blocks += section.blocks
        end = section.span.end
    code = [block for block in blocks if block.kind is BlockKind.CODE]
    commands = _commands(document.text, first.span.start, end, code)
    return Step(path[-1], lines.span(first.span.start, end), commands, _worst(commands))
