"""What the Quality page asks of the API: runs of the evaluations, kept for a moment."""

from typing import Protocol

import streamlit as st

from api.schemas.comparisons import Comparison
from api.schemas.evaluations import EvaluationPage, EvaluationReport
from ui.connection import assistant

MOST_RUNS = 50
"""Runs that the page offers and draws over time."""


class Evaluations(Protocol):
    """The part of the API that knows of evaluations."""

    def evaluations(self, *, offset: int, limit: int) -> EvaluationPage:
        """Return the newest runs."""

    def evaluation(self, run_id: str) -> EvaluationReport:
        """Return one run; raises NotFound."""

    def evaluation_comparison(self, run_id: str) -> Comparison:
        """Return one run beside earlier ones; raises NotFound."""


def evaluation_runs() -> EvaluationPage:
    """Return the newest runs; never from memory, since one may have just ended."""
    return _evaluations().evaluations(offset=0, limit=MOST_RUNS)


def evaluation_report(run_id: str) -> EvaluationReport:
    """Return one run; a run never changes, so it is asked for once a session."""
    kept: dict[str, EvaluationReport] = st.session_state.setdefault("evaluation reports", {})
    if run_id not in kept:
        kept.clear()
        kept[run_id] = _evaluations().evaluation(run_id)
    return kept[run_id]


def evaluation_comparison(run_id: str) -> Comparison:
    """Return one run beside earlier ones."""
    return _evaluations().evaluation_comparison(run_id)


def _evaluations() -> Evaluations:
    return assistant()
