"""What `groundwatch doctor` finds: each check by itself, whatever the others say."""

import json
from pathlib import Path

import pytest

from api.checks import Diagnosis, diagnose
from api.cli import run
from api.running import announce
from api.settings import load_settings
from tests.api.world import app_of, open_world, served


def _states(diagnosis: Diagnosis) -> dict[str, str]:
    return {check.name: check.state for check in diagnosis.checks}


def _no_model(data_dir: Path, **more: str) -> Diagnosis:
    """Diagnose with a model that is not there, so that none is loaded."""
    return diagnose(load_settings(data_dir=data_dir, embedding_model=str(data_dir / "no-model"), **more))


def test_before_the_first_ingest_the_index_is_to_be_made_and_nothing_is_written(tmp_path: Path) -> None:
    diagnosis = _no_model(tmp_path / "data")

    index = next(check for check in diagnosis.checks if check.name == "index")
    assert (index.state, index.mend) == ("warn", "Run: groundwatch ingest PATH")
    assert not (tmp_path / "data").exists()


def test_a_model_that_is_not_there_fails_and_says_how_to_mend_it(tmp_path: Path) -> None:
    diagnosis = _no_model(tmp_path)

    model = next(check for check in diagnosis.checks if check.name == "embedding model")
    assert not diagnosis.healthy
    assert model.state == "fail"
    assert "GROUNDWATCH_EMBEDDING_MODEL" in model.mend


def test_failed_documents_are_counted_with_an_example(data_dir: Path) -> None:
    documents = next(check for check in _no_model(data_dir).checks if check.name == "documents")

    assert documents.state == "warn"
    assert documents.detail.startswith("1 could not be read, for example 'runbooks/empty.md': ")


def test_an_index_that_an_api_has_open_is_described_by_it(data_dir: Path) -> None:
    with served(app_of(open_world(data_dir))) as url:
        announce(data_dir / "serve.json", url, "tests")

        diagnosis = _no_model(data_dir)

    assert _states(diagnosis) | {"API": "ok", "index": "ok"} == _states(diagnosis)
    assert "as the running API says" in next(one.detail for one in diagnosis.checks if one.name == "index")


def test_an_api_that_does_not_answer_fails(data_dir: Path) -> None:
    diagnosis = _no_model(data_dir, url="http://127.0.0.1:1")

    assert _states(diagnosis)["API"] == "fail"
    assert _states(diagnosis)["index"] == "ok"


def test_a_qdrant_server_that_does_not_answer_fails(tmp_path: Path) -> None:
    diagnosis = _no_model(tmp_path, qdrant_url="http://127.0.0.1:1")

    assert _states(diagnosis)["Qdrant server"] == "fail"


def test_a_data_directory_that_is_a_file_fails(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")

    assert _states(_no_model(tmp_path / "data"))["data directory"] == "fail"


@pytest.mark.model
@pytest.mark.slow
def test_the_command_fails_with_one_where_the_index_is_of_another_model(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GROUNDWATCH_DATA_DIR", str(data_dir))
    monkeypatch.chdir(data_dir)

    code = run(["doctor", "--json"])

    found = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    assert code == 1
    assert found["embedding model"]["state"] == "ok"
    assert found["index model"]["state"] == "fail"
    assert "knowledge reembed" in found["index model"]["mend"]
