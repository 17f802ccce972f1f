"""YAML and JSON files: rule files, API descriptions, manifests and postmortems; any other is no document."""

from pathlib import PurePosixPath

from ingest.errors import DocumentUnreadable, NotADocument
from ingest.knowledge.documents import ParsedText
from ingest.knowledge.spans import LineIndex
from ingest.parsing import (
    kubernetes_manifests,
    openapi,
    rule_files,
    structured_compose,
    structured_postmortem,
)
from ingest.parsing.structured_json import read_json
from ingest.parsing.yaml_places import Node, TooLarge, read_yaml, without_templates

_NEITHER = "is {} that is neither a rule file, an API description, Kubernetes manifests nor a postmortem"
_MENTIONS = (
    rule_files.MENTION,
    rule_files.RECORDING,
    openapi.MENTION,
    kubernetes_manifests.MENTION,
    structured_compose.MENTION,
    structured_postmortem.MENTION,
)
_TEMPLATED = "holds templates, which were left as they are: read as far as they allow"
_CUT = f"only its first {rule_files.MAX_BY_LINE:,} alerts were read; correct it, or split it"
_BY_LINE = "is no valid YAML as a whole; its alerts were read one by one"


def parse_structured(path: str, text: str) -> tuple[ParsedText, ...]:
    """Return the documents of a YAML or JSON file: an alert each of a rule file, one of any other kind.

    All spans count in `text`. Raises NotADocument for files that are none of the kinds, and
    DocumentUnreadable where a file that may be one is broken.
    """
    name = "JSON" if PurePosixPath(path.lower()).suffix == ".json" else "YAML"
    if not any(mention.search(text) for mention in _MENTIONS):
        raise NotADocument(_NEITHER.format(name))
    lines = LineIndex.of(text)
    warnings: tuple[str, ...] = ()
    try:
        roots, warnings = _roots(text)
    except TooLarge:
        raise
    except DocumentUnreadable:
        rules = rule_files.find_rules_by_line(text, lines)
        if not rules.alerts:
            raise
        return rule_files.rule_documents(rules.alerts, text, (_BY_LINE, _CUT) if rules.cut else (_BY_LINE,))
    return _documents(name, roots, text, lines, warnings)


def _roots(text: str) -> tuple[list[Node], tuple[str, ...]]:
    """Read JSON, else YAML, else YAML whose templates are made plain; says which was needed."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            return read_json(text), ()
        except TooLarge:
            raise
        except DocumentUnreadable:
            pass  # YAML may begin like JSON
    try:
        return read_yaml(text), ()
    except TooLarge:
        raise
    except DocumentUnreadable:
        plain = without_templates(text)
        if plain == text:
            raise
        return read_yaml(plain), (_TEMPLATED,)


def _documents(
    name: str, roots: list[Node], text: str, lines: LineIndex, warnings: tuple[str, ...]
) -> tuple[ParsedText, ...]:
    rules = rule_files.find_rules(roots, text, lines) if rule_files.MENTION.search(text) else None
    if rules is not None and rules.alerts:
        return rule_files.rule_documents(rules.alerts, text, warnings)
    parsed = _one_document(roots, text, lines)
    if parsed is not None and parsed.sections:
        return (_with(parsed, warnings),)
    if rule_files.RECORDING.search(text) and rule_files.find_rules(roots, text, lines).recording:
        raise NotADocument("holds recording rules only, which nobody is called for")
    raise NotADocument(_NEITHER.format(name))


def _one_document(roots: list[Node], text: str, lines: LineIndex) -> ParsedText | None:
    if openapi.is_openapi(roots):
        return openapi.parse_openapi(roots[0], text, lines)
    objects = kubernetes_manifests.manifests_in(roots)
    if objects:
        return kubernetes_manifests.parse_manifests(objects, text, lines)
    if structured_compose.is_compose(roots):
        return structured_compose.parse_compose(roots[0], text, lines)
    if structured_postmortem.is_postmortem(roots):
        return structured_postmortem.parse_postmortem(roots[0], text, lines)
    return None


def _with(parsed: ParsedText, warnings: tuple[str, ...]) -> ParsedText:
    return ParsedText(
        parsed.text,
        parsed.sections,
        parsed.title,
        parsed.metadata,
        parsed.warnings + warnings,
        parsed.part,
        parsed.extract,
    )
