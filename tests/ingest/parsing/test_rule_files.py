"""Rule files: every alert is a document with its expression, its severity and the exact lines of its rule."""

from pathlib import Path

import pytest

from ingest.errors import DocumentUnreadable, NotADocument
from ingest.knowledge.documents import ParsedText
from ingest.parsing.structured import parse_structured

_RULES = Path(__file__).resolve().parents[4] / "shared" / "rules"
_PLAIN = """# rules
groups:
- name: shop
  rules:
  - record: job:up
    expr: sum(up)
  - alert: ShopDown
    expr: |
      up{job="shop"} == 0
    for: 5m
    labels:
      severity: page
      team: payments
      service: shop
    annotations:
      summary: 'Shop {{ $labels.instance }} is down'
      message: Nobody can buy.
      runbook_url: https://runbooks.example/shop#down

  # the same name, less urgent
  - alert: ShopDown
    expr: up == 1
    labels: {severity: ticket}
"""


def _stated(parsed: ParsedText) -> str:
    span = parsed.sections[0].span
    return parsed.text[span.start : span.end]


def test_each_alert_is_a_document_of_its_own_and_recording_rules_are_none() -> None:
    parts = parse_structured("rules.yaml", _PLAIN)

    assert [(part.part, part.title) for part in parts] == [("ShopDown", "ShopDown"), ("ShopDown#2", "ShopDown")]
    assert all(part.text == _PLAIN for part in parts)
    assert parts[0].sections[0].heading_path == ("shop", "ShopDown")
    assert parts[0].metadata == {
        "kind": "alert",
        "alert": "ShopDown",
        "group": "shop",
        "severity": "page",
        "services": ["shop"],
        "owners": ["payments"],
    }


def test_a_rule_keeps_its_fields_and_exact_lines() -> None:
    first, second = parse_structured("rules.yaml", _PLAIN)

    rule = first.extract.rules[0]
    assert (rule.expr, rule.wait, rule.severity, rule.group) == ('up{job="shop"} == 0', "5m", "page", "shop")
    assert rule.summary == "Shop {{ $labels.instance }} is down"
    assert rule.description == "Nobody can buy."
    assert rule.runbook_url == "https://runbooks.example/shop#down"
    assert (rule.span.line_start, rule.span.line_end) == (7, 18)
    assert _stated(first).startswith("- alert: ShopDown\n    expr: |\n")
    assert _stated(first).endswith("runbook_url: https://runbooks.example/shop#down")
    assert _stated(second) == "- alert: ShopDown\n    expr: up == 1\n    labels: {severity: ticket}"


@pytest.mark.parametrize(
    "before",
    [
        "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: x}\nspec:\n  groups:\n",
        "additionalPrometheusRulesMap:\n  shop:\n    groups:\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  shop.yaml: |\n    groups:\n",
        "a: 1\n---\ngroups:\n",
    ],
    ids=["operator", "chart", "config map", "second document"],
)
def test_alerts_are_found_wherever_they_stand(before: str) -> None:
    text = before + "    - name: g\n      rules:\n      - alert: Down\n        expr: up == 0\n"

    (part,) = parse_structured("x.yaml", text)

    assert _stated(part) == "- alert: Down\n        expr: up == 0"
    assert part.extract.rules[0].group == "g"


def test_rules_in_json_are_cited_by_their_own_characters() -> None:
    text = (
        '{"groups":[{"name":"g","rules":[{"alert":"Down","expr":"up == 0","labels":{"severity":"\\ud83d\\ude00"}}]}]}'
    )

    (part,) = parse_structured("x.json", text)

    assert _stated(part) == '{"alert":"Down","expr":"up == 0","labels":{"severity":"\\ud83d\\ude00"}}'
    assert part.extract.rules[0].severity == "\N{GRINNING FACE}"


_CHART = """{{- if .Values.on }}
groups:
- name: {{ .Release.Name }}-shop
  rules:
{{- range .Values.targets }}
  - alert: Down{{ .name }}
    expr: up{job="{{ .job }}"} == 0
    for: {{ .wait | default "5m" }}
    annotations:
      {{- with .more }}
      extra: {{ . }}
      {{- end }}
      summary: "{{ .name }} is down"
{{- end }}
{{- end }}
"""


@pytest.mark.parametrize("broken", ["", "\n: [ : not yaml\n"], ids=["templated", "templated and broken"])
def test_rules_with_templates_keep_what_stands_in_the_file_and_say_so(broken: str) -> None:
    (part,) = parse_structured("rules.yaml", _CHART + broken)

    rule = part.extract.rules[0]
    assert (rule.name, rule.expr) == ("Down{{ .name }}", 'up{job="{{ .job }}"} == 0')
    assert (rule.wait, rule.group) == ('{{ .wait | default "5m" }}', "{{ .Release.Name }}-shop")
    assert rule.summary == "{{ .name }} is down"
    assert (rule.span.line_start, rule.span.line_end) == (6, 13)
    assert len(part.warnings) == 1


def test_a_file_of_recording_rules_only_is_no_document() -> None:
    with pytest.raises(NotADocument, match="recording rules only"):
        parse_structured("x.yaml", "groups:\n- name: g\n  rules:\n  - record: a:b\n    expr: up\n")


def test_aliases_that_name_themselves_or_multiply_are_read_once() -> None:
    cycle = "groups: &g\n- name: x\n  rules: *g\n- alert: Down\n  expr: up\n  more: *g\n"
    laughs = "a0: &a0 [x, x]\n" + "".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]\n" for n in range(40))

    assert [part.part for part in parse_structured("x.yaml", cycle)] == ["Down"]
    assert len(parse_structured("x.yaml", laughs + "g:\n- alert: Down\n  expr: up\n")) == 1


def test_broken_yaml_without_alerts_names_the_line() -> None:
    with pytest.raises(DocumentUnreadable, match="line 2"):
        parse_structured("x.yaml", "groups: [\nalert: }\n")


@pytest.mark.corpus
@pytest.mark.skipif(not _RULES.is_dir(), reason="the shared rule files are not there")
def test_every_alert_of_the_shared_rule_files_comes_out() -> None:
    parts = [part for file in sorted(_RULES.glob("*.yaml")) for part in parse_structured(file.name, file.read_text())]

    assert len(parts) == 355
    assert all(_stated(part).startswith(f"- alert: {part.title}\n") for part in parts)
    assert all(part.extract.rules[0].expr for part in parts)
