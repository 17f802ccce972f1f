"""What can be taken along from an investigation that is done."""

from streamlit.testing.v1 import AppTest

from api.errors import UsageError
from tests.ui.canned_investigations import FakeInvestigations, result, summary
from tests.ui.screens.test_investigations import script
from ui.screens.investigation_result import _postmortem


def test_a_postmortem_can_be_drafted_from_one_that_is_done() -> None:
    fake = FakeInvestigations()
    fake.add(summary(), result())
    page = AppTest.from_function(script, default_timeout=20)
    page.session_state["assistant"] = fake
    page.query_params["id"] = "run-1"

    page.run()
    written = _postmortem(fake, "run-1")
    fake.refusal = UsageError("it is not done")

    assert any("Draft postmortem" in str(one.proto) for one in page.get("download_button"))
    assert written == "# Draft of run-1\n"
    assert _postmortem(fake, "run-1") == "The draft cannot be had now: It is not done.\n"
