"""The end of an investigation's report: what was looked at, every finding, and each observation with its rows."""

import re
from collections.abc import Iterable, Iterator, Sequence

from api.exports.hostile_text import code, prose, sentence
from api.investigation.findings import Direction, Finding
from api.investigation.investigations import Investigation
from api.investigation.observations import Observation
from api.investigation.windows import Window, instant_text

_FINDINGS = 200
_LABEL = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


class Footnotes:
    """The observations as footnotes; remembers which of them were referred to."""

    def __init__(self, observations: Iterable[Observation], rows: str, findings: Iterable[Finding] = ()) -> None:
        self._rows = rows
        self._findings = {one.id: one.observations for one in findings}
        self._known = {one.id: one for one in observations if _LABEL.fullmatch(one.id)}
        self._used: dict[str, None] = {}

    def marks(self, ids: Iterable[str]) -> str:
        """Return the marks of observations, each once; an id without an observation is named as missing."""
        marks = []
        for name in dict.fromkeys(ids):
            if name in self._known:
                self._used[name] = None
                marks.append(f"[^{name}]")
            else:
                marks.append(f" (missing: {code(name)})")
        return "".join(marks)

    def knows(self, name: str) -> bool:
        """Tell whether an id is that of an observation."""
        return name in self._known

    def of_finding(self, name: str) -> Sequence[str]:
        """Return the ids of what a finding rests on; none for an unknown one."""
        return self._findings.get(name, ())

    def definition(self, observation: Observation) -> str:
        """Return what an observation shows, how it was got, and a link to its rows."""
        query, rows = observation.query, observation.rows
        of = f" of {code(observation.component)}" if observation.component else ""
        cut = f": {sentence(rows.cut)}" if rows.cut else "."
        kept = f"{rows.kept:,} of {plural(rows.total, 'row', 'rows')} kept{cut}"
        return (
            f"{sentence(observation.summary)} {query.source.value.capitalize()}{of} from {code(query.instance)}, "
            f"{window_words(query.window)}, asked as {code(query.text)}; {kept} "
            f"Rows: [{observation.id}]({self._rows.format(id=observation.id)})"
        )

    def used(self) -> list[Observation]:
        """Return what was referred to, in order of first use."""
        return [self._known[name] for name in self._used]

    def unused(self) -> list[Observation]:
        """Return what was not referred to."""
        return [one for name, one in self._known.items() if name not in self._used]


def appendix(investigation: Investigation, notes: Footnotes, advice: Sequence[str] = ()) -> list[str]:
    """Return the lines of the appendix; the footnotes come last, since they hold what all before refers to.

    `advice` is what documents say, which stands apart from what was looked at.
    """
    lines = ["---", "", "## Appendix: what was looked at", ""]
    lines += _sources(investigation)
    lines += ["", "## Appendix: all findings", "", *_findings(investigation.findings, notes)]
    others = notes.unused()
    if others:
        lines += ["", "## Appendix: observations that no finding above rests on", ""]
        lines += [f"- {notes.definition(one)}" for one in others]
    lines += ["", "## Appendix: observations", ""]
    lines += [f"[^{one.id}]: {notes.definition(one)}" for one in notes.used()]
    return [*lines, "", *advice]


def finding_line(finding: Finding, notes: Footnotes) -> str:
    """Return a finding as an item of a list: its claim, why it is unusual, and what it rests on."""
    reason = f" {sentence(finding.reason)}" if finding.reason.strip() else ""
    onset = f", since {instant_text(finding.onset)}" if finding.onset is not None else ""
    score = "" if finding.direction is Direction.STEADY else f", score {number_words(finding.score)}"
    marks = notes.marks(finding.observations)
    return f"- {sentence(finding.claim)}{marks}{reason} ({finding.source.value}, {code(finding.id)}{score}{onset})"


def window_words(window: Window) -> str:
    """Return a stretch of time with its length."""
    return f"{instant_text(window.start)} to {instant_text(window.end)} ({number_words(window.seconds / 60)} min)"


def number_words(value: float) -> str:
    """Return a number to three digits; one that was rounded to six for storing gives the same."""
    return f"{float(f'{value:.6g}'):.3g}"


def plural(count: int, one: str, many: str) -> str:
    """Return a count with its noun."""
    return f"{count:,} {one if count == 1 else many}"


def _sources(investigation: Investigation) -> Iterator[str]:
    for one in investigation.coverage:
        reach = window_words(one.window) if one.window else "no time"
        state = f"missing: {sentence(one.missing)}" if one.missing else f"{reach}{_compared(one.baseline)}."
        yield f"- {one.source.value}, {code(one.instance)}: {state}"
    for run in investigation.runs:
        detail = f": {sentence(run.detail)}" if run.detail.strip() else "."
        ended = prose(run.state).replace("_", " ")
        yield f"- The {prose(run.name)} specialist read {plural(run.rows_read, 'row', 'rows')}; {ended}{detail}"
    if not investigation.coverage and not investigation.runs:
        yield "Nothing."


def _compared(baseline: Window | None) -> str:
    return f", compared with {window_words(baseline)}" if baseline else ", without healthy time to compare with"


def _findings(findings: Sequence[Finding], notes: Footnotes) -> Iterator[str]:
    for finding in findings[:_FINDINGS]:
        yield finding_line(finding, notes)
    if len(findings) > _FINDINGS:
        yield f"- {len(findings) - _FINDINGS} more are in the JSON of this investigation."
    if not findings:
        yield "None."
