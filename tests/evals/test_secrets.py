"""The evaluation finds what leaks, and nothing leaks."""

from pathlib import Path

import pytest

from evals.secret_kinds import KINDS
from evals.secrets import count_marks, measure_secrets, render
from ingest.redaction.redactor import Redactor

_SOME = [kind for kind in KINDS if kind.name in {"github token", "weak password", "connection string"}]


def test_planted_secrets_are_found_nowhere(tmp_path: Path) -> None:
    report = measure_secrets(tmp_path, _SOME)

    assert report.leaks == ()
    assert len(report.planted) > 50


def test_a_redactor_that_allows_everything_is_caught(tmp_path: Path) -> None:
    report = measure_secrets(tmp_path, _SOME[:1], Redactor(allow=["."]))

    caught = {leak.form for leak in report.leaks}
    assert {"prose", "code fence", "table", "heading", "title", "web page", "word"} <= caught
    assert render(report).splitlines()[-1].split() == ["total", str(len(report.planted)), str(len(caught))]


@pytest.mark.slow
def test_no_kind_in_any_form_is_found_anywhere(tmp_path: Path) -> None:
    report = measure_secrets(tmp_path)

    assert report.leaks == ()
    assert len({one.kind for one in report.planted}) >= 25
    assert len(report.planted) >= 250


def test_marks_of_real_documents_are_counted_by_line(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\n\npassword: hunter2x\n")
    (tmp_path / "b.png").write_bytes(b"password: hunter2x")

    report = count_marks(tmp_path)

    assert (report.files, report.lines, report.marks, report.kinds) == (1, 4, 1, (("password", 1),))
