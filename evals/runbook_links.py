"""Does every runbook link of real alert rules lead to the document it means, and never to a wrong one?

The alerts are those of `rules/` below the shared folder, the documents those of `corpus/` (each top folder
is a source whose documents have no link of their own, the hardest case), and the right answers those of
`questions/alert_runbook.jsonl`. A second run takes the source that holds the target away: whatever is then
resolved to a document that does not count as right is a false resolution.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from evals.console import plain_errors, table, write_json
from evals.questions import read_rows
from ingest.errors import UsageError
from ingest.knowledge.document_links import LinkResolver
from ingest.knowledge.documents import DocumentFacts, DocumentKind, DocumentStatus, document_id
from ingest.sources.folder import FolderSource

_COUNTS = ("alerts", "urls", "ingested", "right", "alternative")


@dataclass(frozen=True, slots=True)
class LinkedAlert:
    """An alert of a rule file with its runbook link."""

    file: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Expected:
    """The document that a link means, and others that count as right (paths with the source before them)."""

    right: str
    alternatives: frozenset[str]


@dataclass(frozen=True, slots=True)
class Miss:
    """A link that led elsewhere or nowhere ("")."""

    alert: str
    url: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class LinkReport:
    """What became of the links of one house, or of all of them.

    `ingested` counts those whose target is among the documents; `false_when_absent` those that were still
    resolved, to a document that does not count as right, when the target's source was taken away.
    """

    house: str
    alerts: int
    urls: int
    ingested: int
    right: int
    alternative: int
    wrong: tuple[Miss, ...]
    unresolved: tuple[Miss, ...]
    false_when_absent: tuple[Miss, ...]


def measure(
    alerts: Sequence[LinkedAlert], documents: Sequence[DocumentFacts], expected: Mapping[tuple[str, str], Expected]
) -> list[LinkReport]:
    """Resolve every link; the first report is over all houses, the others are by source of the target."""
    unknown = [alert for alert in alerts if (alert.name, alert.url) not in expected]
    if unknown:
        raise UsageError(f"no label for the link of alert {unknown[0].name!r}; check --shared")
    by_house: dict[str, list[LinkedAlert]] = defaultdict(list)
    for alert in alerts:
        by_house[expected[alert.name, alert.url].right.partition("/")[0]].append(alert)
    whole = LinkResolver(documents)
    houses = [
        _report(house, members, whole, _without(documents, house), expected)
        for house, members in sorted(by_house.items())
    ]
    return [_together(houses), *houses]


def listed_documents(corpus: Path) -> list[DocumentFacts]:
    """Return facts of all files of a corpus, without reading them: each top folder is a source."""
    sources = [FolderSource([folder], name=folder.name) for folder in sorted(corpus.iterdir()) if folder.is_dir()]
    return [_facts(source.name, entry.path) for source in sources for entry in source.snapshot().entries]


def linked_alerts(rules: Path) -> list[LinkedAlert]:
    """Return the alerts with a runbook link of all rule files of a folder; raises UsageError for a broken file."""
    return [alert for file in sorted(rules.glob("*.yaml")) for alert in _alerts_of(file)]


def labels(file: Path) -> dict[tuple[str, str], Expected]:
    """Return the right document of each alert and link."""
    rows = read_rows(file, _Label)
    return {(row.alert, row.runbook_url): Expected(row.doc_path, frozenset(row.also_relevant)) for row in rows}


def render(reports: Sequence[LinkReport]) -> str:
    """Return the table of some reports, and below it each link that went wrong."""
    header = (
        "target's source",
        "alerts",
        "urls",
        "ingested",
        "right",
        "other right",
        "wrong",
        "none",
        "false if absent",
    )
    rows = [
        (
            report.house,
            *map(str, (report.alerts, report.urls, report.ingested, report.right, report.alternative)),
            *(str(len(misses)) for misses in (report.wrong, report.unresolved, report.false_when_absent)),
        )
        for report in reports
    ]
    lines = [table(header, rows)]
    for name in ("wrong", "unresolved", "false_when_absent"):
        misses: tuple[Miss, ...] = getattr(reports[0], name)
        lines += [f"{name}: {miss.alert} {miss.url} means {miss.expected}, got {miss.found!r}" for miss in misses]
    return "\n".join(lines)


@click.command(help=__doc__)
@click.option("--shared", type=click.Path(path_type=Path), required=True, help="Folder with rules, corpus, questions.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the report over all here too.")
def main(shared: Path, json_file: Path | None) -> None:
    """Run the benchmark."""
    with plain_errors():
        for folder in ("rules", "corpus", "questions"):
            if not (shared / folder).is_dir():
                raise UsageError(f"no such folder: {str(shared / folder)!r}; check --shared")
        known = labels(shared / "questions" / "alert_runbook.jsonl")
        reports = measure(linked_alerts(shared / "rules"), listed_documents(shared / "corpus"), known)
        click.echo(render(reports))
        if json_file:
            write_json(json_file, reports[0])


class _Label(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    alert: str
    runbook_url: str
    doc_path: str
    also_relevant: tuple[str, ...] = ()


class _Rule(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    alert: str = ""
    annotations: dict[str, str] = {}


class _Group(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    rules: tuple[_Rule, ...] = ()


class _RuleFile(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    groups: tuple[_Group, ...]


def _alerts_of(file: Path) -> Iterator[LinkedAlert]:
    try:
        read = _RuleFile.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise UsageError(f"cannot read rules from {str(file)!r}: {error}; mend the file") from error
    for group in read.groups:
        for rule in group.rules:
            if rule.alert and rule.annotations.get("runbook_url"):
                yield LinkedAlert(file.name, rule.alert, rule.annotations["runbook_url"])


def _facts(source: str, path: str) -> DocumentFacts:
    return DocumentFacts(
        id=document_id(source, path),
        source=source,
        path=path,
        title=Path(path).stem,
        kind=DocumentKind.REFERENCE,
        status=DocumentStatus.CURRENT,
        revision="",
    )


def _without(documents: Iterable[DocumentFacts], house: str) -> LinkResolver:
    return LinkResolver([facts for facts in documents if facts.source != house])


def _report(
    house: str,
    alerts: Sequence[LinkedAlert],
    whole: LinkResolver,
    absent: LinkResolver,
    expected: Mapping[tuple[str, str], Expected],
) -> LinkReport:
    paths = {facts.id: f"{facts.source}/{facts.path}" for facts in whole.documents}
    present = set(paths.values())
    misses: dict[str, list[Miss]] = {"wrong": [], "none": [], "false": []}
    right = alternative = 0
    for alert in alerts:
        label = expected[alert.name, alert.url]
        found, rest = _path(whole, alert, paths), _path(absent, alert, paths)
        right += found == label.right
        alternative += found in label.alternatives
        if found not in {label.right, *label.alternatives}:
            misses["wrong" if found else "none"].append(Miss(alert.name, alert.url, label.right, found))
        if rest and rest not in label.alternatives:
            misses["false"].append(Miss(alert.name, alert.url, label.right, rest))
    return LinkReport(
        house,
        len(alerts),
        len({alert.url for alert in alerts}),
        sum(expected[alert.name, alert.url].right in present for alert in alerts),
        right,
        alternative,
        *(tuple(misses[name]) for name in ("wrong", "none", "false")),
    )


def _path(resolver: LinkResolver, alert: LinkedAlert, paths: Mapping[str, str]) -> str:
    found = resolver.resolve(alert.url)
    return paths[found.document_id] if found else ""


def _together(reports: Sequence[LinkReport]) -> LinkReport:
    return LinkReport(
        "all",
        *(
            sum(getattr(each, name) for each in reports)
            for name in ("alerts", "urls", "ingested", "right", "alternative")
        ),
        *(
            tuple(miss for each in reports for miss in getattr(each, name))
            for name in ("wrong", "unresolved", "false_when_absent")
        ),
    )


if __name__ == "__main__":
    main()
