"""An investigation as files: a bundle again, the same bytes each time, and nothing of it left behind."""

import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from api.agent.assisted import Assisted
from api.errors import UsageError
from api.investigation.investigations import Investigation
from api.schemas.investigations import InvestigationResult
from api.telemetry.bundles import open_bundle
from tests.api.exports.test_investigation_agent import NOTES
from tests.api.investigated import CPU, FakeInvestigator
from tests.api.investigating.offices import Office, open_office, wait_until


class AssistedFake(FakeInvestigator):
    """Investigates with an agent beside it, whose notes are always the same."""

    def assist(self, *given: object, **named: object) -> Assisted:
        found: Investigation = self.investigate(*given, **named)  # type: ignore[arg-type]  # passed on as they are
        return Assisted(found, NOTES)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with closing(open_office(tmp_path, AssistedFake())) as opened:
        yield opened


def test_what_an_agent_did_is_kept_told_and_reported(office: Office) -> None:
    done = office.ended(office.ask().id)

    detail = office.desk.detail(done.id)
    assert detail.agent is not None
    assert [one.component for one in detail.agent.rejected] == ["ghost"]
    assert "## What the agent added" in office.desk.report(done.id)


def test_the_archive_holds_a_bundle_with_the_result_and_goes_afterwards(office: Office, tmp_path: Path) -> None:
    done = office.ended(office.ask().id)

    with office.desk.packed(done.id) as archive, tarfile.open(archive) as tar:
        first = archive.read_bytes()
        tar.extractall(tmp_path / "out", filter="data")

    (folder,) = (tmp_path / "out").iterdir()
    assert open_bundle(folder).incident.title == "Incident one"
    result = InvestigationResult.model_validate_json((folder / "investigation.json").read_text())
    assert result.verdict.cause is not None
    assert (folder / "observations" / f"{CPU.id}.json").is_file()
    assert f"(observations/{CPU.id}.json)" in (folder / "report.md").read_text()
    assert (folder / "agent.json").is_file()
    with office.desk.packed(done.id) as again:
        assert again.read_bytes() == first
    assert list(office.places.uploads.iterdir()) == []


def test_one_that_is_not_done_has_no_archive(office: Office) -> None:
    assert office.places.bundles is not None
    (office.places.bundles / "bad").mkdir()
    (office.places.bundles / "bad" / "broken").touch()
    failed = office.ended(office.ask("bad").id)

    with pytest.raises(UsageError, match="is failed"), office.desk.packed(failed.id):
        pass


def test_what_was_said_before_it_was_called_off_is_kept(tmp_path: Path) -> None:
    investigator = FakeInvestigator(tuple(f"sentence {number}" for number in range(200)))
    investigator.gate.clear()
    with closing(open_office(tmp_path, investigator)) as office:
        asked = office.ask()
        assert investigator.said.wait(10)

        office.desk.cancel(asked.id)

        wait_until(lambda: investigator.at_work == 0)
        assert len(office.desk.steps(asked.id, after=0)) == 200
