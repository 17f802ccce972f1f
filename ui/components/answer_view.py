"""An answer on the page, as it arrives and when it is whole, in places that do not move."""

import streamlit as st

from api.schemas.answers import Answer, Statement
from api.schemas.search import SearchHit
from ui.components.citations import selection_rules
from ui.components.commands import page_placeholders, placeholder_values, show_command, show_placeholder_inputs
from ui.components.evidence import Evidence, card_markup, cited_evidence, compact_markup
from ui.components.feedback import show_feedback
from ui.components.gaps import missing_markup, nearest_markup, warnings_markup, what_would_help_markup
from ui.components.groups import Group, GroupKind, grouped, new_group, section_of
from ui.components.investigation_turn import investigation_turn_markup
from ui.components.results import Result
from ui.components.stale_notice import stale_markup
from ui.components.statements import group_markup, origin_markup
from ui.components.verdict import reading_markup, verdict_markup
from ui.components.writing import fallback_markup, writing_markup
from ui.knowledge_facts import document_text


class AnswerView:
    """The places of an answer: verdict, placeholder inputs, statements and what is below; evidence beside."""

    def __init__(self) -> None:
        with st.container(key="answer-grid"):
            left, right = st.columns([3, 2], gap="large")
        with left:
            self._stale = st.empty()
            self._verdict = st.empty()
            self._fallback = st.empty()
            self._warnings = st.empty()
            self._inputs = st.container()
            self._body = st.container(key="answer-body", gap="xsmall")
            self.below = st.container(gap="small")
        with right, st.container(key="evidence"):
            self._evidence = st.empty()
        self._hits: list[SearchHit] = []
        self._numbers: dict[str, int] = {}
        self._group: Group | None = None
        self._slot = self._body
        self._count = 0
        self._in_list = False

    @property
    def kept_words(self) -> str:
        """Words for what was shown before the answer broke off."""
        if not self._count:
            return ""
        words = "1 statement above is" if self._count == 1 else f"{self._count} statements above are"
        return f"The {words} kept and cited; the rest is missing."

    def start(self) -> None:
        """Show that the search has begun."""
        self._verdict.html(reading_markup(None))

    def stop(self) -> None:
        """Take away the sign of work in progress."""
        self._verdict.empty()

    def show_hits(self, hits: list[SearchHit]) -> None:
        """Show what the answer will be drawn from."""
        self._hits = hits
        self._verdict.html(reading_markup(len(hits)))
        self._show_compact()

    def add(self, statement: Statement) -> None:
        """Show one more statement at the end; what is above it stays where it is."""
        numbers = {citation.passage_id: citation.number for citation in statement.citations}
        if numbers.keys() - self._numbers.keys():
            self._numbers |= numbers
            self._show_compact()
        before = self._group
        if before is not None and before.takes(statement):
            self._group = before.extended(statement)
        else:
            self._group = new_group(statement)
            self._open_slot(self._group, before)
        self._show_group(self._group, {})
        self._count += 1

    def finish(self, result: Result) -> None:
        """Add to the statements what only the whole answer can tell."""
        if grouped(result.answer.statements) and self._count == len(result.answer.statements):
            self._show_around(result)
        else:
            self.show_all(result)

    def show_all(self, result: Result) -> None:
        """Show a whole answer."""
        values = placeholder_values(page_placeholders(result.answer.statements))
        before: Group | None = None
        self._count = 0
        with self._body:
            for group in grouped(result.answer.statements):
                self._open_slot(group, before)
                self._show_group(group, values)
                self._count += len(group.statements)
                before = group
        self._show_around(result)

    def _show_around(self, result: Result) -> None:
        answer = result.answer
        self._verdict.html(verdict_markup(answer))
        if result.stale:
            self._stale.html(stale_markup(result.stale))
        if fallback := fallback_markup(answer.writing):
            self._fallback.html(fallback)
        if answer.warnings:
            self._warnings.html(warnings_markup(answer.warnings))
        with self._inputs:
            show_placeholder_inputs(page_placeholders(answer.statements))
        with self.below:
            writing = writing_markup(answer.writing)
            if answer.investigation is not None:
                st.html(investigation_turn_markup(answer.investigation))
            for markup in (missing_markup(answer.missing), what_would_help_markup(answer), writing):
                if markup:
                    st.html(markup)
            if answer.outcome != "abstained" and answer.nearest:
                st.html(nearest_markup(answer))
            show_feedback(answer)
        self._show_evidence(result)

    def _open_slot(self, group: Group, before: Group | None) -> None:
        """Make the place of `group`; above it, where the section changes, the line that names it."""
        first = group.statements[0]
        same_section = before is not None and section_of(before.statements[0]) == section_of(first)
        if group.kind is not GroupKind.COMMAND or not same_section:
            self._in_list = group.kind is GroupKind.LIST
        with self._body:
            if first.citations and not same_section:
                st.html(origin_markup(first.citations[0]))
            self._slot = st.container() if group.kind is GroupKind.COMMAND else st.empty()

    def _show_group(self, group: Group, values: dict[str, str]) -> None:
        if group.kind is GroupKind.COMMAND:
            with self._slot:
                show_command(group.statements[0], values, key=str(self._count), in_step=self._in_list)
        else:
            self._slot.html(group_markup(group))

    def _show_compact(self) -> None:
        if self._hits:
            self._evidence.html(compact_markup(self._hits, heading="Evidence", numbers=self._numbers))

    def _show_evidence(self, result: Result) -> None:
        """Show the cards of what is cited, then the rest of what was found; when abstaining, the nearest."""
        answer = result.answer
        cited = cited_evidence(answer.statements)
        if cited:
            st.html(f"<style>{selection_rules(evidence.number for evidence in cited)}</style>")
        shown = _cited_passages(answer) | {hit.passage_id for hit in answer.nearest}
        also = {hit.passage_id: hit.also for hit in result.hits}
        rest = [hit for hit in result.hits if hit.passage_id not in shown]
        with self._evidence.container(gap="small"):
            if cited:
                st.html('<h3 class="gw-column-heading">Evidence</h3>')
            for evidence in cited:
                st.html(card_markup(evidence, _text_of(evidence), also.get(evidence.place.passage_id, [])))
            if answer.outcome == "abstained":
                st.html(nearest_markup(answer) or '<p class="gw-muted">No document came near.</p>')
            elif rest:
                st.html(compact_markup(rest, heading="Found, not cited"))


def _cited_passages(answer: Answer) -> set[str]:
    return {citation.passage_id for statement in answer.statements for citation in statement.citations}


def _text_of(evidence: Evidence) -> str | None:
    return document_text(evidence.place.document_id, evidence.place.revision)
