"""The form in which a person does something about an investigation; a link beside a finding fills it in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import streamlit as st
from markupsafe import Markup
from pydantic import ValidationError

from api.errors import GroundwatchError
from api.schemas.investigation_acts import ActKind, ActRequest, FaultKind, StepOutcome
from ui.components.inline import sentence
from ui.components.steering_words import OUTCOMES
from ui.steering import Steers, forget_result

WHO = "who acts"
"""Where a session keeps the name of the person, which other pages ask for too."""

_SAID, _DONE = "said of acting", "done by acting"
_WAYS = {
    "Fact": "What you know that no source shows, such as a deploy by hand or what you saw yourself",
    "Theory": "A component to weigh as the cause, whatever its rank",
    "Finding": "Confirm or reject what a specialist found",
    "Cause": "Confirm or reject that a component is at fault",
    "Query": "Look once more into the metrics, logs or traces of a component",
    "Question": "Ask about this incident; the answer cites what was observed",
    "Step": "Say what became of a step of a runbook, for the others; choose “Record” beside the step",
    "Window": "Investigate another stretch of time; what people said goes along",
}
_BEFORE_IT_IS_DONE = ("Fact", "Theory", "Cause")
_BY_LINK = "Step"  # which step it is, only a link can tell
_WAY_OF = {
    ActKind.CONFIRM_FINDING: "Finding",
    ActKind.REJECT_FINDING: "Finding",
    ActKind.CONFIRM_CAUSE: "Cause",
    ActKind.REJECT_CAUSE: "Cause",
    ActKind.THEORY: "Theory",
    ActKind.STEP: "Step",
}


@dataclass(frozen=True, slots=True)
class Choices:
    """What a form offers: components, findings with their claims, and the window as it is, in RFC 3339."""

    components: Sequence[str]
    findings: Mapping[str, str]
    start: str = ""
    end: str = ""
    done: bool = True


def show_form(source: Steers, investigation_id: str, choices: Choices, *, kind: str = "", on: str = "") -> None:
    """Show the form; `kind` and `on` are what a link asks to be filled in, nothing is done until it is sent."""
    names = list(_WAYS) if choices.done else list(_BEFORE_IT_IS_DONE)
    if kind != ActKind.STEP.value and _BY_LINK in names:
        names.remove(_BY_LINK)
    _fill_in(kind, on, names)
    way = st.segmented_control("What to do", names, key="act way", default=None, width="stretch")
    if way is None:
        _show_said()
        return
    st.caption(_WAYS[way])
    with st.form(f"act {way}", border=False, clear_on_submit=True):
        _FIELDS[way](choices, on)
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            st.text_input("Your name", key=f"{WHO} on {way}", value=st.session_state.get(WHO, ""), max_chars=200)
            st.form_submit_button(
                _BUTTONS[way], type="primary", on_click=_send, args=(source, investigation_id, way, on)
            )
    _show_said()


def _fill_in(kind: str, on: str, names: Sequence[str]) -> None:
    """Choose what a link asks for, once for each link that is followed."""
    asked = f"{kind} {on}"
    if kind and st.session_state.get("act filled in") != asked:
        st.session_state["act filled in"] = asked
        known = ActKind(kind) if kind in set(ActKind) else None
        if known in _WAY_OF and _WAY_OF[known] in names:
            st.session_state["act way"] = _WAY_OF[known]
            st.session_state["act yes"] = "Reject" if kind.startswith("reject") else "Confirm"


def _fact(choices: Choices, _on: str) -> None:
    st.text_area("Fact", key="act text", max_chars=4_000, height=80, placeholder="we failed over to the second region")
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        _component(choices, "", "About (optional)")
        _fault("What is wrong with it (optional)")
    st.checkbox("It says that the component is well", key="act healthy")


def _theory(choices: Choices, on: str) -> None:
    _component(choices, on, "Component")
    st.text_input("Why (optional)", key="act text", max_chars=4_000)


def _finding(choices: Choices, on: str) -> None:
    names = list(choices.findings)
    st.selectbox(
        "Finding",
        names,
        index=names.index(on) if on in names else None,
        key="act finding",
        format_func=lambda name: f"{choices.findings.get(name, '')} ({name})",
    )
    _yes_or_no()
    st.text_input("Why (needed to reject)", key="act text", max_chars=4_000)


def _cause(choices: Choices, on: str) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        _component(choices, on, "Component")
        _fault("What is wrong with it (optional)")
    _yes_or_no()
    st.text_input("Why (needed to reject)", key="act text", max_chars=4_000)


def _query(choices: Choices, on: str) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        st.selectbox("Where", ["metric", "log", "trace"], key="act source", width=120)
        _component(choices, on, "Component")
    st.text_input("Words of the metric or line (optional)", key="act text", max_chars=400, placeholder="timeout")


def _question(_choices: Choices, _on: str) -> None:
    st.text_input("Question", key="act text", max_chars=2_000, placeholder="when did it begin?")


def _step(_choices: Choices, on: str) -> None:
    st.caption(f"The step at line {on.partition(':')[0]}")
    st.radio("What became of it", list(StepOutcome), key="act outcome", horizontal=True, format_func=OUTCOMES.get)
    st.text_input("Note (needed where it was impossible)", key="act text", max_chars=4_000)


def _window(choices: Choices, _on: str) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        st.text_input("From, with its zone", value=choices.start, key="act start")
        st.text_input("To", value=choices.end, key="act end")
    st.text_input("Why (optional)", key="act text", max_chars=4_000)


_FIELDS = {
    "Fact": _fact, "Theory": _theory, "Finding": _finding, "Cause": _cause, "Query": _query, "Question": _question,
    "Step": _step, "Window": _window,
}  # fmt: skip
_BUTTONS = {
    "Fact": "Add fact", "Theory": "Weigh it", "Finding": "Record", "Cause": "Record", "Query": "Run query",
    "Question": "Ask", "Step": "Record", "Window": "Investigate window",
}  # fmt: skip


def _component(choices: Choices, on: str, label: str) -> None:
    names = list(dict.fromkeys([*choices.components, *([on] if on else [])]))
    st.selectbox(
        label,
        names,
        index=names.index(on) if on in names else None,
        key="act component",
        accept_new_options=True,
        placeholder="choose or type",
    )


def _fault(label: str) -> None:
    kinds = [one.value for one in FaultKind if one is not FaultKind.UNKNOWN]
    st.selectbox(label, kinds, index=None, key="act fault", format_func=lambda one: FaultKind(one).meaning)


def _yes_or_no() -> None:
    st.radio("Decision", ["Confirm", "Reject"], key="act yes", horizontal=True)


def _send(source: Steers, investigation_id: str, way: str, on: str) -> None:
    """Do what the form says; a refusal is said below it."""
    who = str(st.session_state.get(f"{WHO} on {way}", "")).strip()
    st.session_state[WHO] = who
    try:
        view = source.act(investigation_id, ActRequest.model_validate(_body(way, on) | {"who": who}))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(one) for one in first["loc"])
        st.session_state[_SAID] = sentence(f"{field}: {first['msg']}" if field else str(first["msg"]))
    except GroundwatchError as error:
        st.session_state[_SAID] = sentence(str(error))
    else:
        st.session_state[_DONE] = f"Recorded as act {view.number}."
        st.session_state["act way"] = None
        for name in ("act", "on"):
            st.query_params.pop(name, None)
        forget_result(investigation_id)


def _body(way: str, on: str) -> dict[str, Any]:
    """Return what the fields of a form say, as an act; fields that were left empty are not told."""
    held = st.session_state.get
    rejects = held("act yes") == "Reject"
    kinds = {
        "Finding": "reject_finding" if rejects else "confirm_finding",
        "Cause": "reject_cause" if rejects else "confirm_cause",
    }
    told: dict[str, Any] = {"kind": kinds.get(way, way.lower()), "text": held("act text") or ""}
    if way in ("Fact", "Theory", "Cause", "Query"):
        told["component"] = held("act component")
    if way in ("Fact", "Cause") and not rejects:
        told["fault"] = held("act fault")
    if way == "Fact":
        told["healthy"] = bool(held("act healthy"))
    if way == "Finding":
        told["finding"] = held("act finding")
    if way == "Query":
        told["source"] = held("act source")
    if way == "Step":
        line, _, document = on.partition(":")
        told |= {"document": document, "line": line, "outcome": held("act outcome")}
    if way == "Window":
        told["window"] = {"start": _instant(held("act start")), "end": _instant(held("act end"))}
    return {name: value for name, value in told.items() if value not in (None, "")}


def _instant(text: object) -> object:
    """Return a time with a zone where it is one; what is none goes on, to be refused by name."""
    try:
        return datetime.fromisoformat(str(text).strip().replace("Z", "+00:00"))
    except ValueError:
        return text


def _show_said() -> None:
    said = st.session_state.pop(_SAID, "")
    if said:
        st.html(Markup('<p class="gw-form-error" role="alert">Not done: {}</p>').format(said))
    done = st.session_state.pop(_DONE, "")
    if done:
        st.html(Markup('<p class="gw-came" role="status">{}</p>').format(done))
