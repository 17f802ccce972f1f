"""The declarations of groundwatch.yaml: what is read from them, and how each mistake is told."""

import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from ingest.errors import UsageError
from ingest.knowledge.documents import DocumentKind, DocumentStatus
from ingest.sources.declarations import (
    FolderDeclaration,
    GitDeclaration,
    find_declarations,
    load_declarations,
    rules_for,
)

FOLDER = "version: 1\nsources:\n  - name: docs\n    type: folder\n    path: docs\n"


def written(folder: Path, text: str) -> Path:
    file = folder / "groundwatch.yaml"
    file.write_text(text)
    return file


def complaints(folder: Path, text: str) -> list[str]:
    """Return the lines that a wrong file is answered with, without the name of the file."""
    with pytest.raises(UsageError) as caught:
        load_declarations(written(folder, text))
    return [line.partition("groundwatch.yaml:")[2] for line in str(caught.value).split("\n")]


def test_the_example_in_the_documentation_is_right_and_shows_every_type(repository: Path) -> None:
    example = load_declarations(repository / "docs" / "groundwatch.example.yaml")

    assert {source.type for source in example.sources} == {
        *("folder", "git", "web", "confluence", "notion", "github", "gitlab", "mbox", "slack", "postmortems")
    }
    assert example.rules
    assert example.redaction.allow
    assert example.notify is not None


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    found = load_declarations(written(tmp_path, FOLDER))

    (source,) = found.sources
    assert isinstance(source, FolderDeclaration)
    assert (source.enabled, source.kind, source.include, source.schedule) == (True, None, (), None)
    assert (found.keep_generations, found.tombstone_days, found.promotion.max_lost_share) == (3, 30, 0.2)
    assert found.promotion.enabled


def test_durations_kinds_dates_and_single_words_are_read_as_what_they_mean(tmp_path: Path) -> None:
    text = FOLDER + (
        "    schedule: {every: 1h30m}\n    kind: runbook\n    include: '*.md'\n"
        "rules:\n  - {match: '*.md', owners: team-a, review_by: 2026-05-01, status: deprecated}\n"
    )

    found = load_declarations(written(tmp_path, text))

    source = found.source("docs")
    assert source.schedule is not None
    assert (source.schedule.every, str(source.schedule)) == (timedelta(minutes=90), "every 1h30m")
    assert (source.kind, source.include) == (DocumentKind.RUNBOOK, ("*.md",))
    rule = found.rules[0]
    assert (rule.owners, rule.review_by, rule.status) == (("team-a",), date(2026, 5, 1), DocumentStatus.DEPRECATED)


def test_all_problems_are_told_at_once_each_with_its_line(tmp_path: Path) -> None:
    text = (
        "version: 1\n"
        "sources:\n"
        "  - name: Docs!\n"
        "    type: folder\n"
        "    pth: docs\n"
        "  - name: wiki\n"
        "    type: confluense\n"
        "  - name: site\n"
        "    type: web\n"
        "    start: https://a.example/\n"
        "    max_pages: many\n"
        "keep_generations: 1\n"
        "redation: {}\n"
    )

    found = complaints(tmp_path, text)

    assert [line.partition(": ")[0] for line in found] == ["3", "3", "5", "7", "11", "12", "13"]
    assert "sources[0].name: 'Docs!' is no short name" in "\n".join(found)
    assert "3: sources[0].path: is missing; add it" in found
    assert "5: sources[0].pth: unknown key 'pth'; did you mean 'path'?" in found
    assert "7: sources[1].type: 'confluense' is no type of source; did you mean 'confluence'?" in found
    assert "11: sources[2].max_pages: 'many' should be a valid integer" in "\n".join(found)
    assert "12: keep_generations: 1 should be greater than or equal to 2; correct it" in found
    assert "13: redation: unknown key 'redation'; did you mean 'redaction'?" in found


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("    token: hunter2hunter2\n", "a credential must not stand in a file"),
        ("    token_env: ghp_hunter2hunter2\n", "is no name of an environment variable"),
        ("    web_url: https://me:hunter2hunter2@git.example/x\n", "has a user name or password in it"),
        ("    web_url: https://git.example/x?private_token=hunter2hunter2\n", "has a credential among its parameters"),
    ],
)
def test_a_credential_in_the_file_is_refused_and_never_repeated(tmp_path: Path, lines: str, told: str) -> None:
    text = "version: 1\nsources:\n  - name: a\n    type: git\n    url: https://git.example/x.git\n" + lines

    (found,) = complaints(tmp_path, text)

    assert found.startswith("6: ")
    assert told in found
    assert "hunter2" not in found


@pytest.mark.parametrize(
    "url", ["git@git.example:team/docs.git", "ssh://git@git.example/docs.git", "../docs", "/srv/d"]
)
def test_addresses_of_repositories_may_be_local_or_name_the_user_of_ssh(tmp_path: Path, url: str) -> None:
    text = f"version: 1\nsources:\n  - name: a\n    type: git\n    url: {url}\n"

    (source,) = load_declarations(written(tmp_path, text)).sources

    assert isinstance(source, GitDeclaration)
    assert source.url == url


def test_an_address_that_git_would_take_for_an_option_is_refused(tmp_path: Path) -> None:
    text = "version: 1\nsources:\n  - name: a\n    type: git\n    url: --upload-pack=touch x\n"

    assert "starts with '-'" in complaints(tmp_path, text)[0]


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ("    schedule: {every: soon}\n", "6: sources[0].schedule.every: 'soon' is no duration; write a number"),
        ("    schedule: {every: 1s}\n", "is out of range"),
        ("    schedule: {every: 30}\n", "30 is no duration"),
        ("    schedule: {cron: '61 * * * *'}\n", "'61 * * * *' has '61' as minute"),
        ("    schedule: {cron: '* *'}\n", "has 2 fields"),
        ("    schedule: {}\n", "6: sources[0].schedule: give either 'every'"),
        ("    schedule: {every: 5m, cron: '* * * * *'}\n", "give either 'every'"),
        ("    rules: [{match: a.md}]\n", "6: sources[0].rules[0]: says nothing about what it matches"),
        ("    exclude: ['../x']\n", "leads out of the source"),
        ("    exclude: ['**/**/**/**/**/**/**']\n", "is no pattern over paths"),
        ("    path: other\n", "6: the key 'path' stands twice, first in line 5"),
        ("    kind: recipe\n", "'recipe' should be 'runbook'"),
        ("    url_prefix: wiki.example\n", "'wiki.example' is no web address"),
        ("    enabled: maybe\n", "'maybe' should be a valid boolean"),
        ("  - name: docs\n    type: folder\n    path: b\n", "6: sources[1].name: 'docs' is the name of the source in"),
        ("redaction: {allow: ['(']}\n", "is no regular expression"),
        ("redaction: {allow: ['.*']}\n", "would let every secret through"),
        ("notify: {}\n", "give either 'webhook'"),
        ("rules: [3]\n", "6: rules[0]: 3 should be a valid dictionary or instance of Rule"),
        ("tombstone_days: !!python/name:os.system x\n", "6: the tag 'tag:yaml.org,2002:python/name:os.system' is not"),
        ("rules: [{match: x, review_by: 2026-13-45}]\n", "2026-13-45"),
    ],
)
def test_a_mistake_is_told_with_its_place_its_value_and_what_to_do(tmp_path: Path, extra: str, told: str) -> None:
    assert told in "\n".join(complaints(tmp_path, FOLDER + extra))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "1: holds no keys"),
        ("- a\n", "1: holds no keys"),
        ("version: 1\nsources:\n\t- x\n", "3: is no YAML"),
        ("version: 1\nsources: [\n", "is no YAML"),
        ("version: 1\n---\nversion: 1\n", "is no YAML"),
        ("version: 1\nx: \x07\n", "2: is no YAML"),
        ("version: 2\n", "1: version: 2 should be 1"),
        ("sources: []\n", "version: is missing"),
    ],
)
def test_a_file_that_is_no_declaration_is_told_by_its_line(tmp_path: Path, text: str, told: str) -> None:
    assert told in complaints(tmp_path, text)[0]


BILLION = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefghi", "bcdefghij", strict=True)
)


@pytest.mark.parametrize(
    "text",
    [BILLION, "a: &a [*a]\n", "a: &a {b: *a}\n", "[" * 5000, "a: " + "{a: " * 5000, "a: &a\n  <<: *a\n  b: 1\n"],
    ids=["billion laughs", "list in itself", "mapping in itself", "brackets", "braces", "merge of itself"],
)
def test_a_file_made_to_stall_its_reader_is_refused_at_once(tmp_path: Path, text: str) -> None:
    started = time.monotonic()

    assert complaints(tmp_path, text)
    assert time.monotonic() - started < 3


def test_a_file_that_is_too_large_missing_or_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "large.yaml").write_bytes(b"#" * 600_000)
    (tmp_path / "latin.yaml").write_bytes(b"version: 1 # \xe9\n")

    for name, told in [("large.yaml", "more than the limit"), ("latin.yaml", "not UTF-8"), ("gone.yaml", "No such")]:
        with pytest.raises(UsageError, match=told):
            load_declarations(tmp_path / name)


def test_aliases_and_merge_keys_are_read(tmp_path: Path) -> None:
    text = (
        "version: 1\nsources:\n  - &first\n    name: a\n    type: folder\n    path: x\n    exclude: &no [old]\n"
        "  - <<: *first\n    name: b\n    include: *no\n"
    )

    found = load_declarations(written(tmp_path, text))

    assert [(one.name, one.include, one.exclude) for one in found.sources] == [
        ("a", (), ("old",)),
        ("b", ("old",), ("old",)),
    ]


def test_many_problems_are_cut_short(tmp_path: Path) -> None:
    found = complaints(tmp_path, FOLDER + "".join(f"x{number}: 1\n" for number in range(50)))

    assert len(found) == 21
    assert "and 30 more problems" in found[-1]


def test_an_unknown_source_is_told_with_those_that_are_known(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no source 'dcos' is declared; known: docs"):
        load_declarations(written(tmp_path, FOLDER)).source("dcos")


def test_all_rules_that_match_are_put_together_and_those_of_the_source_win(tmp_path: Path) -> None:
    text = FOLDER + (
        "    rules:\n      - {match: 'old/**', status: deprecated, owners: [b]}\n"
        "rules:\n  - {match: '**', owners: [a], labels: [x]}\n  - {match: '*.md', labels: [y], access: [sre]}\n"
    )
    found = load_declarations(written(tmp_path, text))

    rule = rules_for("old/a.md", found.source("docs"), found)

    assert (rule.status, rule.owners, rule.labels, rule.access) == (
        *(DocumentStatus.DEPRECATED, ("b",), ("y",), ("sre",)),
    )
    assert rules_for("new.txt", found.source("docs"), found).status is None


def test_a_path_that_is_no_pattern_has_rules_too(tmp_path: Path) -> None:
    found = load_declarations(written(tmp_path, FOLDER + "rules: [{match: '**', labels: [x]}]\n"))

    assert rules_for("*" * 600, found.source("docs"), found).labels == ("x",)


def test_declarations_are_found_in_the_folder_and_above_it_inside_a_repository_only(tmp_path: Path) -> None:
    deep = tmp_path / "repository" / "a" / "b"
    deep.mkdir(parents=True)
    file = written(tmp_path / "repository", FOLDER)
    outside = written(tmp_path, FOLDER)

    assert find_declarations(deep) is None
    (tmp_path / "repository" / ".git").mkdir()
    assert find_declarations(deep) == file
    file.unlink()
    assert find_declarations(deep) is None
    assert find_declarations(tmp_path) == outside
