"""Questions about incidents: are they answered rightly, by what the stored rows of the incident show?

What an answer must hold is read from the JSON that an investigation is stored as, and from the rows of its
observations; none of the code that answers takes part. A question that nothing observed answers is right when it is
left open.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import click

from api.investigating.local import investigate_here
from api.investigating.parts import open_investigator
from api.investigating.questions.answering import answer_about
from api.investigation.investigations import Investigation
from api.schemas.investigation_forms import distinct, to_detail, to_result
from api.schemas.investigation_questions import IncidentAnswer
from api.telemetry.bundles import open_bundle

_STRANGER = "zeta-billing"
_METRIC_WORDS = ("cpu", "memory", "latency", "errors")
_CALM = "steady"
_WORDINGS = Path(__file__).with_name("incident_wordings.jsonl")


class Mark(StrEnum):
    """How an answer did; OPEN where it was left open and should not have been."""

    RIGHT = "right"
    WRONG = "wrong"
    OPEN = "left open"


@dataclass(frozen=True, slots=True)
class Expected:
    """What the statements of an answer must hold: each of `words` somewhere, one of `cited` observations.

    `never` are words that must not be there. Without words and citations the question must be left open.
    """

    words: tuple[str, ...] = ()
    cited: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether nothing observed answers it."""
        return not (self.words or self.cited or self.never)


@dataclass(frozen=True, slots=True)
class Posed:
    """A question with what its answer must hold."""

    kind: str
    question: str
    expected: Expected


@dataclass(frozen=True, slots=True)
class Marked:
    """A question of one case, and how its answer did."""

    case: str
    posed: Posed
    mark: Mark
    answer: IncidentAnswer


Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stored:
    """A result as it is stored, and its observations with their rows."""

    result: Json
    observations: Sequence[Json]

    def of(self, source: str, component: str | None = None) -> Iterator[Json]:
        """Yield observations of a class of source."""
        for one in self.observations:
            if one["query"]["source"] == source and component in (None, one["component"]):
                yield one

    def findings(self, component: str, *, calm: bool) -> list[Json]:
        """Return what was found at a component: what is as always, or what moved."""
        here = [one for one in self.result["findings"] if one["component"] == component]
        return [one for one in here if (one["direction"] == _CALM) is calm]


def mark(answer: IncidentAnswer, expected: Expected) -> Mark:
    """Return how an answer did."""
    if not answer.statements:
        return Mark.RIGHT if expected.is_open else Mark.OPEN
    if expected.is_open:
        return Mark.WRONG
    text = "\n".join(one.text for one in answer.statements).casefold()
    cited = {one for line in answer.statements for one in line.observations}
    holds = all(word.casefold() in text for word in expected.words)
    holds = holds and not any(word.casefold() in text for word in expected.never)
    return Mark.RIGHT if holds and (not expected.cited or cited & set(expected.cited)) else Mark.WRONG


def questions_of(stored: Stored) -> Iterator[Posed]:
    """Yield the questions that a case can be asked, with what its rows say to them."""
    for pose in (_causes, _onsets, _logs, _affected, _metrics, _ruled_out, _changes, _next_and_gaps, _unanswerable):
        yield from pose(stored)


def _causes(stored: Stored) -> Iterator[Posed]:
    verdict = stored.result["verdict"]
    if verdict["cause"] is None:
        if verdict["state"] == "nothing_wrong":
            yield Posed("cause", "What is the root cause?", Expected(words=("nothing unusual",)))
        return
    support = set(verdict["cause"]["support"])
    cited = tuple(i for one in stored.result["findings"] if one["id"] in support for i in one["observations"])
    expected = Expected((verdict["cause"]["component"],), cited)
    for question in ("What is the root cause?", "which service broke?", "So what happened here?"):
        yield Posed("cause", question, expected)
    state = verdict["state"].replace("_", " ")
    yield Posed("certainty", "How certain are we?", Expected((state,)))


def _onsets(stored: Stored) -> Iterator[Posed]:
    seen: set[str] = set()
    for one in stored.result["findings"]:
        component = one["component"]
        if component in seen or one["onset"] is None or len(seen) == 2 or component.startswith("("):
            continue
        seen.add(component)
        first = min(f["onset"] for f in stored.findings(component, calm=False) if f["onset"] is not None)
        question = (
            f"Since when is {component} in trouble?" if len(seen) == 1 else f"when did {component} start failing?"
        )
        yield Posed("onset", question, Expected((_to_the_second(first),)))


def _logs(stored: Stored) -> Iterator[Posed]:
    tables = {one["component"]: one for one in stored.of("log") if "template" in one["columns"] and one["component"]}
    for component, table in list(tables.items())[:2]:
        rows = [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
        loud = [row for row in rows if row["severity"] == "error" and not row["expected"]]
        most = max(loud or rows, key=lambda row: abs(row["seen"] - row["expected"]))
        example = str(most["example"] or most["template"])[:40]
        yield Posed("logs", f"Show me the log lines of {component}", Expected((example,), (table["id"],)))
    silent = next(
        (one for one in _named(stored) if one not in {table["component"] for table in stored.of("log")}), None
    )
    if silent:
        yield Posed("logs", f"what do the logs of {silent} say", Expected())


def _affected(stored: Stored) -> Iterator[Posed]:
    cause = stored.result["verdict"]["cause"]
    hit = [one for one in stored.result["blast_radius"] if cause and one != cause["component"]]
    for component in hit[:1]:
        yield Posed("affected", f"is {component} affected?", Expected(("yes",)))
        yield Posed("affected", "what else is impacted?", Expected(tuple(hit[:3])))
    calm = next(
        (
            one
            for one in _named(stored)
            if stored.findings(one, calm=True)
            and not any(
                one in (f["component"], f["peer"]) for f in stored.result["findings"] if f["direction"] != _CALM
            )
            and one not in stored.result["blast_radius"]
        ),
        None,
    )
    if calm:
        cited = tuple(i for one in stored.findings(calm, calm=True) for i in one["observations"])
        yield Posed("affected", f"was {calm} hit too?", Expected(cited=cited, never=("yes:",)))
    yield Posed("affected", f"is {_STRANGER} affected?", Expected())


def _metrics(stored: Stored) -> Iterator[Posed]:
    for word in _METRIC_WORDS:
        found = next(
            (
                (one, row)
                for one in stored.of("metric")
                if one["columns"][:3] == ["metric", "before", "now"] and f"about {word} of" in one["query"]["text"]
                for row in [max(one["rows"], key=lambda row: float(row[3] or 0))]
                if any(f["subject"] == row[0] for f in stored.findings(one["component"], calm=False))
            ),
            None,
        )
        if found:
            table, row = found
            way = "" if None in row[1:3] else "rose" if row[2] > row[1] else "fell"
            question = f"what about the {word} of {table['component']}?"
            yield Posed("metric", question, Expected((str(row[0]), way), (table["id"],)))


def _ruled_out(stored: Stored) -> Iterator[Posed]:
    excluded = [one["component"] for one in stored.result["ruled_out"]]
    standing = {one["component"] for one in stored.result["hypotheses"]}
    alone = next((one for one in stored.result["ruled_out"] if one["component"] not in standing), None)
    if alone:
        yield Posed("ruled out", f"was {alone['component']} ruled out?", Expected((alone["reason"],)))
        yield Posed("ruled out", f"why not {alone['component']}?", Expected((alone["reason"],)))
    cause = stored.result["verdict"]["cause"]
    if cause and cause["component"] not in excluded:
        never = Expected((cause["component"],), never=("was ruled out as the cause",))
        yield Posed("ruled out", f"can we rule out {cause['component']}?", never)


def _changes(stored: Stored) -> Iterator[Posed]:
    cited = tuple(one["id"] for one in stored.of("change"))
    yield Posed("changes", "What changed before it?", Expected(cited=cited))
    yield Posed("changes", "was anything deployed?", Expected(cited=cited))


def _next_and_gaps(stored: Stored) -> Iterator[Posed]:
    deciding = stored.result["verdict"]["deciding"]
    yield Posed("next", "What would settle it?", Expected((deciding["text"],)) if deciding else Expected())
    if stored.result["gaps"]:
        yield Posed("gaps", "What could we not see?", Expected((stored.result["gaps"][0]["detail"],)))


def _unanswerable(_stored: Stored) -> Iterator[Posed]:
    yield Posed("none", "Who is on call tonight?", Expected())
    yield Posed("none", "How do I restart the database?", Expected())
    yield Posed("none", "How much money did we lose?", Expected())


def _named(stored: Stored) -> list[str]:
    return list(dict.fromkeys(one["component"] for one in stored.result["findings"] if one["component"][0] != "("))


def _to_the_second(instant: int) -> str:
    return datetime.fromtimestamp(instant // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def stored_of(found: Investigation) -> Stored:
    """Return an investigation as its JSON."""
    details = [to_detail(one).model_dump(mode="json") for one in distinct(found.observations)]
    return Stored(to_result(found).model_dump(mode="json"), details)


def ask_about(case: Path) -> list[Marked]:
    """Investigate a case and ask about it. Raises errors of api.errors."""
    found = investigate_here(open_bundle(case), open_investigator(), say=lambda _step: None)
    marked: list[Marked] = []
    for posed in questions_of(stored_of(found)):
        answer = answer_about(found, posed.question)
        marked.append(Marked(f"{case.parent.name}/{case.name}", posed, mark(answer, posed.expected), answer))
    return marked


def _tally(marked: Sequence[Marked], key: Callable[[Marked], str]) -> Iterator[str]:
    groups = dict.fromkeys(map(key, marked))
    for group in (*groups, "all"):
        counts = Counter(one.mark for one in marked if group in ("all", key(one)))
        told = ", ".join(f"{counts[one]} {one.value}" for one in Mark)
        yield f"{group}: {sum(counts.values())} questions: {told}"


def wordings_of(stored: Stored) -> Iterator[tuple[str, list[str]]]:
    """Yield questions in words of many people, about a component of a case, with the topics that are right for each."""
    component = next(iter(_named(stored)), "cart")
    for line in _WORDINGS.read_text(encoding="utf-8").splitlines():
        told: Json = json.loads(line)
        yield told["question"].replace("{component}", component), told["topics"]


def understand(case: Path) -> Iterator[tuple[str, Mark]]:
    """Yield each wording with whether its topic is understood; one taken as none of the topics is left open."""
    found = investigate_here(open_bundle(case), open_investigator(), say=lambda _step: None)
    for question, topics in wordings_of(stored_of(found)):
        topic = answer_about(found, question).topic.value
        yield f"{question!r}: {topic}", Mark.RIGHT if topic in topics else Mark.OPEN if topic == "other" else Mark.WRONG


def _show_wordings(cases: Sequence[Path]) -> None:
    marked = [one for case in cases for one in understand(case)]
    for question in dict.fromkeys(question for question, given in marked if given is not Mark.RIGHT):
        click.echo(f"not right: {question}")
    counts = Counter(given for _, given in marked)
    told = ", ".join(f"{counts[one]} {one.value}" for one in Mark)
    click.echo(f"topics of free wordings: {len(marked)} questions: {told}")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--per-set", default=3, show_default=True, help="Cases of each set.")
@click.option("--skip", default=0, show_default=True, help="Leave out so many cases of each set first.")
@click.option("--show", is_flag=True, help="Show each question whose answer is not right.")
@click.option("--wordings", is_flag=True, help="Only tell how many free wordings are understood.")
def main(folder: Path, per_set: int, skip: int, show: bool, wordings: bool) -> None:
    """Ask about the cases in FOLDER, a folder of sets of recorded incidents."""
    sets = [one for one in sorted(folder.iterdir()) if one.is_dir()]
    cases = [case for one in sets for case in _cases(one)[skip : skip + per_set]]
    if wordings:
        _show_wordings(cases)
        return
    marked = [one for case in cases for one in ask_about(case)]
    for one in marked if show else ():
        if one.mark is not Mark.RIGHT:
            said = " / ".join(line.text for line in one.answer.statements) or "; ".join(one.answer.missing)
            click.echo(f"{one.mark.value} {one.case} {one.posed.question!r} wants {one.posed.expected}: {said[:300]}")
    for line in (*_tally(marked, lambda one: one.posed.kind), *_tally(marked, lambda one: one.case.split("/")[0])):
        click.echo(line)


def _cases(folder: Path) -> list[Path]:
    return [one for one in sorted(folder.iterdir()) if (one / "case.json").is_file() and not one.name.startswith("_")]


if __name__ == "__main__":
    main()
