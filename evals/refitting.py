"""Refit the calibration of the configured site: its index, its database, its file."""

import json
from contextlib import closing
from dataclasses import asdict, dataclass

from api.answering.answerer import Answerer
from api.answering.calibration import Calibration, packaged_calibration, read_calibration
from api.bootstrap import open_embedder, open_store
from api.retrieval.search import Searcher
from api.settings import ApiSettings, load_settings
from api.storage.database import Database
from evals.site_calibration import SiteReport, labels_from_feedback, refit, told, write_calibration
from ingest.errors import UsageError


@dataclass(frozen=True, slots=True)
class Refitted:
    """What came of it; `written` is the file, empty where nothing was written, and `why` says why not."""

    report: SiteReport
    written: str
    why: str

    def as_text(self) -> str:
        """Return it in words."""
        end = f"written: {self.written}; restart the API to use it" if self.written else f"not written: {self.why}"
        return "\n".join([*told(self.report), end])

    def as_json(self) -> str:
        """Return it as JSON."""
        record = asdict(self) | {"report": asdict(self.report) | {"calibration": self.report.calibration.model_dump()}}
        return json.dumps(record, indent=2)


def refit_site(*, name: str, write: bool, force: bool) -> Refitted:
    """Refit on the site's feedback; raises UsageError where there is too little of it."""
    settings = load_settings()
    embedder = open_embedder(settings)
    present = _present(settings)
    if present.embedding_model != embedder.model:
        raise UsageError(
            f"the present calibration was fitted with {present.embedding_model!r} and the index is searched with "
            f"{embedder.model!r}: there is nothing to start from; fit one on labelled questions with python -m "
            "evals.calibration"
        )
    with open_store(settings).open_apart() as reader, closing(Database(settings.feedback_url)) as database:
        labels = labels_from_feedback(database, Answerer(Searcher(reader, embedder)))
    report = refit(labels, present, name=name, adapter=embedder.adapter_in_use())
    file = settings.own_calibration_file
    if not write:
        return Refitted(report, "", "only a dry run was asked for")
    if not report.better and not force:
        return Refitted(report, "", "it does no better than the present one on answers it did not see (--force)")
    write_calibration(file, report.calibration)
    return Refitted(report, str(file), "")


def remove_site_calibration() -> str:
    """Remove the site's own calibration and say what counts now."""
    file = load_settings().own_calibration_file
    if not file.exists():
        return f"there is no calibration of your own at {str(file)!r}; the packaged one counts"
    file.unlink()
    return f"removed {str(file)!r}; the packaged calibration counts again once the API is restarted"


def _present(settings: ApiSettings) -> Calibration:
    file = settings.own_calibration_file
    return read_calibration(file) if file.exists() else packaged_calibration()
