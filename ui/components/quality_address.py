"""What the Quality page shows, as its address says: run, suite, one failed case, and the filters of their list."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from api.schemas.evaluations import EvaluationReport, SuiteReport
from ui.components.tables import page_number

QUALITY_PAGE = "quality"
ASK_PAGE = "ask"
_LONGEST_QUESTION = 8_000


@dataclass(frozen=True, slots=True)
class QualityView:
    """Empty strings do not restrict: the newest run, its first suite, all groups; pages count from 1."""

    run: str = ""
    suite: str = ""
    case: str = ""
    group: str = ""
    text: str = ""
    page: int = 1

    def parameters(self) -> dict[str, str]:
        """Return what stands in the address; defaults are left out."""
        page = str(self.page) if self.page > 1 else ""
        named = {"run": self.run, "suite": self.suite, "case": self.case, "group": self.group, "text": self.text}
        return {name: value for name, value in {**named, "page": page}.items() if value}

    @property
    def address(self) -> str:
        """The address of this view."""
        parameters = self.parameters()
        return f"{QUALITY_PAGE}?{urlencode(parameters)}" if parameters else QUALITY_PAGE


def view_in(parameters: Mapping[str, str]) -> QualityView:
    """Return the view that an address asks for."""
    read = parameters.get
    return QualityView(
        run=read("run", ""),
        suite=read("suite", ""),
        case=read("case", ""),
        group=read("group", ""),
        text=read("text", "").strip()[:200],
        page=page_number(read("page")),
    )


def list_of(view: QualityView) -> QualityView:
    """Return the list that a case was opened from."""
    return replace(view, case="")


def suite_shown(report: EvaluationReport, view: QualityView) -> SuiteReport | None:
    """Return the suite that the address names, else the first that ran; None where there is none."""
    named = next((suite for suite in report.suites if suite.name == view.suite), None)
    ran = (suite for suite in report.suites if not suite.skipped)
    return named or next(ran, None) or next(iter(report.suites), None)


def ask_address(question: str) -> str:
    """Return the address that asks a question."""
    return f"{ASK_PAGE}?{urlencode({'q': question[:_LONGEST_QUESTION]})}"
