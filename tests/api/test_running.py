"""Finding a running API: believed only when it is alive and the same."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from api.bootstrap import running_url
from api.running import announce, find_running, new_instance, withdraw
from api.settings import load_settings
from tests.api.world import app_of, open_world, served


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "serve.json"


def test_a_running_api_is_found(file: Path) -> None:
    with served(app_of(open_world(file.parent))) as url:
        announced = announce(file, url, "tests")

        found = find_running(file)

    assert found == announced
    assert find_running(file) is None


def test_another_api_on_the_same_port_is_not_taken_for_it(file: Path) -> None:
    with served(app_of(open_world(file.parent))) as url:
        announce(file, url, new_instance())

        assert find_running(file) is None


def test_a_dead_process_is_not_asked(file: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    announce(file, "http://127.0.0.1:1", "x")
    file.write_text(json.dumps(json.loads(file.read_text()) | {"pid": gone.pid}))

    assert find_running(file) is None


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"url": "http://x"}', '{"url":1,"pid":"a"}', "\x00"])
def test_a_damaged_file_is_ignored(file: Path, content: str) -> None:
    file.parent.mkdir()
    file.write_text(content)

    assert find_running(file) is None


def test_only_the_own_announcement_is_withdrawn(file: Path) -> None:
    first = announce(file, "http://127.0.0.1:1", "first")
    second = announce(file, "http://127.0.0.1:2", "second")
    withdraw(file, first)
    kept = file.exists()
    withdraw(file, second)
    withdraw(file, second)

    assert kept
    assert not file.exists()


def test_the_address_that_is_set_goes_before_the_one_that_is_found(file: Path) -> None:
    settings = load_settings(data_dir=file.parent, url="http://127.0.0.1:9")

    assert running_url(settings) == "http://127.0.0.1:9"
    assert running_url(load_settings(data_dir=file.parent)) is None
