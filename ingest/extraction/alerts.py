"""Alerts that a document is about: those that title it or a heading, and those that it names as alerts."""

import re
from collections.abc import Iterator

from ingest.extraction.wording import cells, items_of, piece
from ingest.knowledge.documents import Block, BlockKind, Document, DocumentKind, Section
from ingest.knowledge.extracts import AlertMention
from ingest.knowledge.identifiers import name_words
from ingest.knowledge.spans import LineIndex, Span

_NAME = r"[A-Z][A-Za-z0-9]{3,100}"
_CAMEL = re.compile(r"^(?=[A-Za-z0-9]*[a-z])[A-Z][A-Za-z0-9]{3,100}$")
_HEADING = re.compile(
    rf"^(?:\W*(?:alert(?:[ -]?name)?|runbook|playbook|firing)\W+(?:for\W+)?)?[`\"'\[(]*({_NAME})[`\"'\])]*"
    r"(?:\s+(?:alerts?|runbook|playbook|alarm)\b)?[\s.:]*$",
    re.IGNORECASE,
)
_INSIDE = re.compile(rf"(?<![\w.*/-])({_NAME})(?![\w.*/-])")
_SAYS_ALERT = re.compile(r"^\W*(?:alert(?:[ -]?name)?|firing)\b|\b(?:alert|alarm)\W*$", re.IGNORECASE)
_STATED = re.compile(
    rf"\bALERTS(?:_FOR_STATE)?\{{[^}}\n]{{0,200}}?alertname=~?[\"']({_NAME})[\"']|"
    rf"\balertname[\"']?\s*(?:=~?|:)\s*[\"'`]?({_NAME})(?![\w(.*|])|"
    rf"^[ \t]*(?:-[ \t]+)?[\"']?alert[\"']?\s*:\s*[\"'`]?({_NAME})[\"'`]?[ \t]*,?[ \t]*$",
    re.MULTILINE,
)
_ALERTS_HEADING = re.compile(
    r"^\W*(?:[\w ]{0,40}\b)?alerts?(?: (?:list|reference|overview|rules?|catalogue?))?\W*$", re.IGNORECASE
)
_LISTED = re.compile(rf"^\[?[`*_\[]{{0,4}}({_NAME})[`*_]{{0,3}}(?=[\]\s:(–—,.-]|$)")
_RUNBOOK_PATH = re.compile(r"(?:^|/)(?:alerts?|runbooks?|playbooks?)(?:/|\.|$)", re.IGNORECASE)
_RUNBOOK_HEADINGS = re.compile(r"^(?:meaning|impact|diagnosis|mitigation|severity|overview|symptoms?)$", re.IGNORECASE)

_TROUBLE = """
absent alert backlog behind big blackbox blocked breached budget burn burst capacity claims compaction conflict
congested corrupt corrupted crash crashing crashloop crashlooping critical deadlock degraded delayed delays denied
deprecated detected died disabled disconnected dis down drift dropped dropping duplicate elevated empty error errors
exceeded exceeding excessive exhausted exhaustion expiration expired expires expiring expiry fail failed failing
fails failure failures fault faulty filling flapping fragmented full halted hanging high hung inactive inaccessible
incomplete inconsistent inefficient inhibited insufficient invalid issue issues killed lag lagging large late
latency leak less long lost loss low many mismatch mismatched missed missing multiple negative never no non not
offline oom orphaned out outage outdated overcommit overdue overload overloaded panic paused pending present pressure
problem problems quota reached readonly rebooted rebooting refused rejected restart restarting restarts saturated
saturation short shortage skew slow stale stalled starting stopped stuck suspended throttled throttling timeout
timeouts too unable unavailable underutilized unexpected unhealthy unknown unmanaged unreachable unready
unresponsive unsealed unschedulable unstable unsupported unsynced unsuccessful utilization violation warning
watchdog wrong zero
"""
_TROUBLES = frozenset(_TROUBLE.split())
_NO_ALERTS = """
alertmanager apiserver apiservice clickhouse clusterrole clusterrolebinding clusterissuer configmap containerd
coredns cronjob customresourcedefinition daemonset dynamodb elasticsearch endpointslice fluentbit fluentd github
gitlab gitops graphql grpc haproxy horizontalpodautoscaler ingressclass inmemory javascript jupyterhub kubernetes
kubevirt limitrange loadbalancer logstash machineconfig machineset memcached metallb mongodb mysql namespace
networkpolicy networkmanager nodejs nodepool openapi openid opensearch openshift opentelemetry pagerduty
persistentvolume persistentvolumeclaim poddisruptionbudget podmonitor podsecuritypolicy postgresql priorityclass
prometheusrule pypi rabbitmq replicaset resourcequota rolebinding servicemonitor serviceaccount statefulset
statuscake storageclass typescript virtualmachine virtualmachineinstance volumesnapshot youtube zookeeper kube2iam
readme filename timestamp statuspage
"""
_NOT_ALERTS = frozenset(_NO_ALERTS.split())
_PLACEHOLDERS = frozenset({"alertname", "youralertname", "myalert", "examplealert", "alertexample", "samplealert"})


def find_alerts(document: Document, lines: LineIndex) -> tuple[AlertMention, ...]:
    """Return the alerts that the document is about or names, each at its best place; headings come first of all.

    A CamelCase word alone is no alert: it must stand where alerts stand, and sound like trouble or title a
    runbook.
    """
    found: dict[str, AlertMention] = {}
    for mention in (
        *_headed(document, lines),
        *_listed(document, lines),
        *_tabled(document, lines),
        *_stated(document, lines),
    ):
        before = found.get(mention.name)
        if before is None or (mention.heading and not before.heading):
            found[mention.name] = mention
    return tuple(sorted(found.values(), key=lambda mention: mention.span.start))


def _headed(document: Document, lines: LineIndex) -> Iterator[AlertMention]:
    runbook = _is_runbook(document)
    about_alerts = runbook or _speaks_of_alerts(document)
    seen: set[str] = set()
    for number, section in enumerate(document.sections):
        heading = next((block for block in section.blocks[:1] if block.kind is BlockKind.HEADING), None)
        if heading is None or not section.heading_path:
            continue
        titles = runbook and (number == 0 or section.heading_path == (document.facts.title,))
        name = _named(section.heading_path[-1], about_alerts=about_alerts, titles_runbook=titles)
        if name:
            seen.add(name)
            yield AlertMention(name, _place(document.text, lines, heading, name), heading=True)
    name = _named(document.facts.title, about_alerts=about_alerts, titles_runbook=runbook)
    place = document.text.find(name) if name and name not in seen else -1
    if name and place >= 0:
        yield AlertMention(name, lines.span(place, place + len(name)), heading=True)


def _named(heading: str, *, about_alerts: bool, titles_runbook: bool) -> str | None:
    """Return the alert that a heading consists of."""
    match = _HEADING.match(heading[:200])
    if match is None:
        inside = _INSIDE.findall(heading[:200]) if titles_runbook else []
        alerts = [name for name in inside if _is_name(name) and _sounds_like_trouble(name)]
        return alerts[0] if len(alerts) == 1 else None
    if not _is_name(match[1]):
        return None
    telling = _SAYS_ALERT.search(heading) or (about_alerts and _sounds_like_trouble(match[1]))
    return match[1] if telling or titles_runbook else None


def _speaks_of_alerts(document: Document) -> bool:
    headings = (part for section in document.sections for part in section.heading_path)
    return any("alert" in words.lower() for words in (document.facts.path, document.facts.title, *headings))


def _is_runbook(document: Document) -> bool:
    facts = document.facts
    if facts.kind is DocumentKind.ALERT or (
        facts.kind is DocumentKind.RUNBOOK and _RUNBOOK_PATH.search(facts.path) is not None
    ):
        return True
    headings = {section.heading_path[-1].lower() for section in document.sections if section.heading_path}
    return sum(bool(_RUNBOOK_HEADINGS.match(heading)) for heading in headings) >= 3


def _is_name(name: str) -> bool:
    if not _CAMEL.match(name) or len(name_words(name)) < 2:
        return False
    folded = name.lower()
    return folded not in _NOT_ALERTS and folded.rstrip("s") not in _NOT_ALERTS and folded not in _PLACEHOLDERS


def _sounds_like_trouble(name: str) -> bool:
    return not _TROUBLES.isdisjoint(name_words(name))


def _place(text: str, lines: LineIndex, heading: Block, name: str) -> Span:
    start = text.find(name, heading.span.start, heading.span.end)
    return lines.span(start, start + len(name)) if start >= 0 else heading.span


def _listed(document: Document, lines: LineIndex) -> Iterator[AlertMention]:
    """Yield the names that open the items and table rows under a heading "Alerts"."""
    text = document.text
    for section in document.sections:
        if not section.heading_path or not _ALERTS_HEADING.match(section.heading_path[-1][:120]):
            continue
        for start, end in _rows(text, section):
            raw = text[start:end]
            match = _LISTED.match(raw)
            name = match[1] if match else ""
            if match and _is_name(name) and (_sounds_like_trouble(name) or len(name_words(name)) >= 3):
                yield AlertMention(name, lines.span(start + match.start(1), start + match.end(1)), heading=False)


def _tabled(document: Document, lines: LineIndex) -> Iterator[AlertMention]:
    """Yield the names in the first column of a runbook's tables of alerts."""
    if not _is_runbook(document):
        return
    for section in document.sections:
        titled = False
        for block in section.blocks:
            if block.kind is BlockKind.TABLE_HEADER:
                header = cells(document.text, block.span.start, block.span.end)
                titled = bool(header) and header[0].words.lower() in ("name", "alert", "alert name")
            elif block.kind is BlockKind.TABLE_ROW and titled:
                first = cells(document.text, block.span.start, block.span.end)[:1]
                if first and _is_name(first[0].words) and _sounds_like_trouble(first[0].words):
                    yield AlertMention(first[0].words, lines.span(first[0].start, first[0].end), heading=False)


def _rows(text: str, section: Section) -> Iterator[tuple[int, int]]:
    for item in items_of(text, section.blocks):
        yield item.start, item.own_end
    for block in section.blocks:
        if block.kind is BlockKind.TABLE_ROW:
            first = piece(
                text, block.span.start + text[block.span.start : block.span.end].startswith("|"), block.span.end
            )
            yield first.start, first.end


def _stated(document: Document, lines: LineIndex) -> Iterator[AlertMention]:
    """Yield the names that a label or a rule says are alerts."""
    text = document.text
    if "alert" not in text and "ALERTS" not in text:
        return
    for match in _STATED.finditer(text):
        group = next(number for number in (1, 2, 3) if match[number])
        if _is_name(match[group]):
            yield AlertMention(match[group], lines.span(*match.span(group)), heading=False)
