"""The client's investigations."""

from contextlib import closing
from pathlib import Path

import pytest
from fastapi import FastAPI

from api.client import ApiClient
from api.errors import KnowledgeMissing, NotFound
from api.investigating.advising import Advice
from api.routes.investigation_events import event_routes
from api.routes.investigation_guidance import guidance_routes
from api.routes.investigations import investigation_routes
from api.routes.problems import install_problem_handlers
from api.routes.workers import Workers
from api.schemas.investigation_runs import InvestigationRequest, RunState
from tests.api.investigated import CPU, FakeInvestigator
from tests.api.investigating.offices import no_documents, open_office
from tests.api.world import served


def test_client(tmp_path: Path) -> None:
    with closing(open_office(tmp_path, FakeInvestigator())) as office:
        (tmp_path / "bundles" / "one").mkdir()
        app, workers = FastAPI(), Workers(4)
        app.include_router(event_routes(office.desk, workers))
        app.include_router(investigation_routes(office.desk, workers))
        app.include_router(guidance_routes(Advice(office.desk, no_documents), workers))
        install_problem_handlers(app)
        with served(app) as url, closing(ApiClient(url)) as client:
            asked = client.start_investigation(InvestigationRequest(bundle="one"))
            events = list(client.investigation_events(asked.id))
            assert [e.event for e in events] == ["step"] * 3 + ["end"]
            assert [e.event for e in client.investigation_events(asked.id, after=2)] == ["step", "end"]
            assert client.investigation(asked.id).result is not None
            assert client.observation(asked.id, CPU.id).id == CPU.id
            assert client.investigation_report(asked.id).startswith("# Incident one")
            assert client.investigation_bundle(asked.id).startswith(b"\x1f\x8b")
            with pytest.raises(KnowledgeMissing):
                client.investigation_guidance(asked.id)
            with pytest.raises(KnowledgeMissing):
                client.investigation_report(asked.id, guidance=True)
            assert client.cancel_investigation(asked.id).state is RunState.DONE
            assert client.investigations(state=RunState.DONE, offset=0, limit=1).total == 1
            client.delete_investigation(asked.id)
            with pytest.raises(NotFound):
                client.investigation(asked.id)
            with pytest.raises(NotFound):
                list(client.investigation_events("x"))
