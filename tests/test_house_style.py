"""Rules of the house that no linter checks: sizes, names, docstrings, empty package files, broad handlers."""

import ast
import io
import re
import tokenize
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
BROAD = frozenset({"Exception", "BaseException"})


def test_there_is_something_to_check() -> None:
    assert {name.partition("/")[0] for name in MODULES} == {*SHIPPED, "tests"}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_short_enough_to_read(module: str) -> None:
    assert len(_source(module).splitlines()) <= MAX_MODULE_LINES


@pytest.mark.parametrize("module", MODULES)
def test_a_function_fits_on_a_screen(module: str) -> None:
    long = [
        f"{module}:{function.lineno} {function.name} has {lines} lines"
        for function in _functions(module)
        if (lines := _body_lines(function)) > MAX_FUNCTION_LINES
    ]

    assert long == []


@pytest.mark.parametrize("module", MODULES)
def test_a_module_opens_with_a_line_that_says_what_it_is_for(module: str) -> None:
    docstring = ast.get_docstring(_tree(module)) or ""

    assert re.match(r"\S.{10,}", docstring), f"{module} has no docstring to speak of: {docstring!r}"


@pytest.mark.parametrize("module", [name for name in MODULES if name.endswith("/__init__.py")])
def test_a_package_file_is_one_docstring(module: str) -> None:
    assert len(_tree(module).body) == 1


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_shipped_folder_with_modules_is_a_package(folder: str) -> None:
    assert (REPOSITORY / folder / "__init__.py").is_file()


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_named_for_what_it_holds(module: str) -> None:
    words = set(re.split(r"[/_.]", module.removesuffix(".py")))

    assert words.isdisjoint(VAGUE_NAMES), f"{module}: name it by a noun of the field"


@pytest.mark.parametrize("module", [name for name in MODULES if not name.startswith("tests/")])
def test_a_broad_handler_raises_again_or_says_why_on_its_line(module: str) -> None:
    lines = _source(module).splitlines()
    silent = [
        f"{module}:{handler.lineno}"
        for handler in ast.walk(_tree(module))
        if isinstance(handler, ast.ExceptHandler) and _is_broad(handler) and not _raises_again(handler)
        if not re.search(r"#\s*(?!noqa|type:)\w+|noqa: \w+\s*\W*\w+", lines[handler.lineno - 1])
    ]

    assert silent == []


@pytest.mark.parametrize("module", MODULES)
def test_an_ignored_type_or_lint_error_names_its_rule_and_a_reason(module: str) -> None:
    bare = [
        f"{module}:{number} {comment}"
        for number, comment in _comments(module)
        if IGNORE.search(comment) and not IGNORE_WITH_REASON.search(comment)
    ]

    assert bare == []


def _source(module: str) -> str:
    return (REPOSITORY / module).read_text("utf-8")


def _comments(module: str) -> list[tuple[int, str]]:
    tokens = tokenize.generate_tokens(io.StringIO(_source(module)).readline)
    return [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]


def _tree(module: str) -> ast.Module:
    return ast.parse(_source(module), module)


def _functions(module: str) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(_tree(module)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


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
