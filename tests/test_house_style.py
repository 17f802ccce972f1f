"""Rules of the house that no linter checks: sizes, names, docstrings, empty package files, broad handlers."""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
SHIPPED = ("ingest", "flows", "api", "ui", "evals")
MODULES = sorted(
    path.relative_to(REPOSITORY).as_posix()
    for folder in (*SHIPPED, "tests")
    for path in (REPOSITORY / folder).rglob("*.py")
)
FOLDERS = sorted({Path(name).parent.as_posix() for name in MODULES if not name.startswith("tests/")})
MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 50
VAGUE_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "core", "manager", "base", "misc"})
IGNORE = re.compile(r"#\s*(type:\s*ignore|noqa)")
IGNORE_WITH_REASON = re.compile(r"(ignore\[[\w, -]+\]|noqa:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*)\s*(#|-|–)?\s*\w+")
REASON_OF_HANDLER = re.compile(r"#\s*(?!noqa|type:)\w+|noqa: \w+\s*\W*\w+")
BROAD = frozenset({"Exception", "BaseException"})


def test_there_is_something_to_check() -> None:
    assert {name.partition("/")[0] for name in MODULES} == {*SHIPPED, "tests"}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_keeps_the_rules_of_the_house(module: str) -> None:
    """One case a module and not one a rule: the suite grows with each module, and pytest takes longer than a rule."""
    source = (REPOSITORY / module).read_text("utf-8")
    rules = RULES if module.startswith("tests/") else (*RULES, *RULES_OF_WHAT_IS_SHIPPED)
    text = Text(module, source.splitlines(), ast.parse(source, module), tuple(_comments(source)))

    assert [complaint for rule in rules for complaint in rule(text)] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_shipped_folder_with_modules_is_a_package(folder: str) -> None:
    assert (REPOSITORY / folder / "__init__.py").is_file()


@dataclass(frozen=True, slots=True)
class Text:
    """A module as the rules read it."""

    name: str
    lines: list[str]
    tree: ast.Module
    comments: tuple[tuple[int, str], ...]


def a_module_is_short_enough_to_read(text: Text) -> Iterator[str]:
    if len(text.lines) > MAX_MODULE_LINES:
        yield f"{text.name} has {len(text.lines)} lines, more than {MAX_MODULE_LINES}"


def a_function_fits_on_a_screen(text: Text) -> Iterator[str]:
    for function in ast.walk(text.tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if (lines := _body_lines(function)) > MAX_FUNCTION_LINES:
            yield f"{text.name}:{function.lineno} {function.name} has {lines} lines, more than {MAX_FUNCTION_LINES}"


def a_module_opens_with_a_line_that_says_what_it_is_for(text: Text) -> Iterator[str]:
    docstring = ast.get_docstring(text.tree) or ""
    if not re.match(r"\S.{10,}", docstring):
        yield f"{text.name} has no docstring to speak of: {docstring!r}"


def a_package_file_is_one_docstring(text: Text) -> Iterator[str]:
    if text.name.endswith("/__init__.py") and len(text.tree.body) != 1:
        yield f"{text.name} holds more than its docstring"


def a_module_is_named_for_what_it_holds(text: Text) -> Iterator[str]:
    vague = VAGUE_NAMES & set(re.split(r"[/_.]", text.name.removesuffix(".py")))
    if vague:
        yield f"{text.name}: name it by a noun of the field, not {', '.join(sorted(vague))}"


def an_ignored_type_or_lint_error_names_its_rule_and_a_reason(text: Text) -> Iterator[str]:
    for number, comment in text.comments:
        if IGNORE.search(comment) and not IGNORE_WITH_REASON.search(comment):
            yield f"{text.name}:{number} names no rule or no reason: {comment}"


def a_broad_handler_raises_again_or_says_why_on_its_line(text: Text) -> Iterator[str]:
    for handler in ast.walk(text.tree):
        if not isinstance(handler, ast.ExceptHandler) or not _is_broad(handler) or _raises_again(handler):
            continue
        if not REASON_OF_HANDLER.search(text.lines[handler.lineno - 1]):
            yield f"{text.name}:{handler.lineno} catches everything and does not say why"


Rule = Callable[[Text], Iterator[str]]

RULES: tuple[Rule, ...] = (
    a_module_is_short_enough_to_read,
    a_function_fits_on_a_screen,
    a_module_opens_with_a_line_that_says_what_it_is_for,
    a_package_file_is_one_docstring,
    a_module_is_named_for_what_it_holds,
    an_ignored_type_or_lint_error_names_its_rule_and_a_reason,
)
RULES_OF_WHAT_IS_SHIPPED: tuple[Rule, ...] = (a_broad_handler_raises_again_or_says_why_on_its_line,)


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        pytest.param('"""Say what this is for."""\n' + "x = 1\n" * 400, "more than 400", id="long module"),
        pytest.param('"""Say what this is for."""\n\n\ndef f():\n' + "    x = 1\n" * 51, "more than 50", id="function"),
        pytest.param("x = 1\n", "no docstring", id="docstring"),
        pytest.param('"""Say what this is for."""\nx = 1  # noqa\n', "names no rule", id="ignore"),
        pytest.param(
            '"""Say what this is for."""\ntry:\n    x = 1\nexcept Exception:\n    x = 2\n', "catches", id="handler"
        ),
    ],
)
def test_what_breaks_a_rule_is_told(source: str, complaint: str) -> None:
    text = Text("api/module.py", source.splitlines(), ast.parse(source), tuple(_comments(source)))

    (told,) = [told for rule in (*RULES, *RULES_OF_WHAT_IS_SHIPPED) for told in rule(text)]
    assert complaint in told


@pytest.mark.parametrize(("name", "complaint"), [("api/__init__.py", "docstring"), ("api/common/x.py", "common")])
def test_what_a_module_may_not_hold_for_its_name_is_told(name: str, complaint: str) -> None:
    source = '"""Say what this is for."""\nx = 1\n'

    (told,) = [told for rule in RULES for told in rule(Text(name, source.splitlines(), ast.parse(source), ()))]
    assert complaint in told


def _comments(source: str) -> list[tuple[int, str]]:
    if not IGNORE.search(source):
        return []  # reading tokens takes longer than all the rest, and few modules hold what is looked for
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]


def _body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of the body, its docstring not counted."""
    body = function.body
    first = body[1] if ast.get_docstring(function) and len(body) > 1 else body[0]
    return (function.end_lineno or function.lineno) - first.lineno + 1


def _is_broad(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(kind, ast.Name) and kind.id in BROAD for kind in caught)


def _raises_again(handler: ast.ExceptHandler) -> bool:
    """Tell whether the handler only cleans up: it ends by raising what it caught."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None
