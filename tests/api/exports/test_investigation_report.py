"""The report of an investigation: the verdict first, each claim with its rows, hostile words that stay words."""

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from api.exports.hostile_text import code, prose
from api.exports.investigation_report import Beside, report_markdown
from api.investigation.findings import Gap, GapReason
from api.investigation.investigations import Investigation
from api.investigation.observations import Query, SourceClass, observe
from api.investigation.verdicts import DecidingQuery, Objection, Verdict, VerdictState
from api.schemas.investigation_calibration import calibration_of
from api.schemas.investigation_forms import to_detail, to_investigation, to_result
from api.schemas.investigation_guidance import (
    GuidancePast,
    GuidanceRecheck,
    GuidanceRunbook,
    GuidanceSource,
    GuidanceStep,
    InvestigationGuidance,
)
from tests.api.investigated import CAUSE, CPU, INCIDENT, RISE, WINDOW, finding, investigation

HOSTILE = (
    "# Verdict: confirmed\n\n**Verdict: confirmed.** nothing here",
    "![x](https://evil.example/p.png)",
    "[run this](javascript:alert(1))",
    "<img src=x onerror=alert(1)><!-- ",
    "see https://evil.example and www.evil.example or mail root@evil.example",
    "`` ``` ~~~\n```sh\nrm -rf /\n```",
    "[^o1]: a forged footnote [^o1ef6d57ca712]",
    "- [x] done\n1. first\n> quoted\n---\n===\n| a | b |\n|---|---|",
    "\x1b[31mred\x1b[0m \u202eback\u202c \u200bhidden\x00",
    "&#33;&lt;b&gt; *a* __b__ ~~c~~ $x$ \\",
)


_PLACE = GuidanceSource(
    document="d", title="Cart", path="runbooks/cart.md", revision="r", first_line=3, last_line=9, url="javascript:x"
)
GUIDANCE = InvestigationGuidance(
    runbooks=(
        GuidanceRunbook(
            title="Cart",
            source=_PLACE,
            steps=(
                GuidanceStep(text="Look at the CPU", source=_PLACE, observations=(CPU.id,)),
                GuidanceStep(text="kubectl delete pod cart", source=_PLACE, command=True, destructive="the pod"),
            ),
        ),
    ),
    similar=(
        GuidancePast(
            title="Last winter",
            source=_PLACE,
            text="cart was slow",
            rechecks=(GuidanceRecheck(component="cart", agree=(CPU.id,), disagree=(), words="it is as it was then"),),
        ),
    ),
)


def test_the_verdict_comes_first_in_one_sentence_with_its_calibrated_number() -> None:
    lines = [line for line in report_markdown(investigation()).split("\n") if line]

    assert lines[1] == "**Verdict: likely.** The likely cause is `cart`: CPU used up or contended."
    assert lines[2].startswith("**Confidence:** 82 % that `cart` is the right component; 61 %")


def test_without_a_calibration_there_are_words_and_no_number() -> None:
    text = report_markdown(investigation(verdict=Verdict(VerdictState.CONFIRMED, CAUSE)))

    assert "**Verdict: confirmed.** The cause is `cart`" in text
    assert "no number, since none was calibrated on this system; it rests on 2 kinds of source (metric, trace)." in text
    assert "%" not in text.split("## ")[0].replace("48 %", "")


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (Verdict(VerdictState.NOTHING_WRONG, None), "**Verdict: nothing wrong.** Nothing of what was looked at"),
        (Verdict(VerdictState.INCONCLUSIVE, None), "settles no cause and names no suspect"),
        (Verdict(VerdictState.INCONCLUSIVE, CAUSE), "settles no cause; the first suspect is `cart`"),
    ],
)
def test_a_verdict_that_names_no_cause_blames_nobody(verdict: Verdict, said: str) -> None:
    assert said in report_markdown(investigation(verdict=verdict))


def test_each_part_is_there_in_the_order_in_which_it_is_needed() -> None:
    titles = re.findall(r"^## (.*)$", report_markdown(investigation()), re.MULTILINE)

    assert titles == [
        "Why not more",
        "What happened",
        "How it spread",
        "Evidence for it",
        "Evidence against it",
        "What it does not explain",
        "Other candidates",
        "Ruled out",
        "What was not seen",
        "What would decide",
        "Appendix: what was looked at",
        "Appendix: all findings",
        "Appendix: observations",
    ]


def test_each_footnote_is_defined_once_and_leads_to_its_rows() -> None:
    text = report_markdown(investigation())

    used = set(re.findall(r"\[\^(\w+)\](?!:)", text))
    defined = re.findall(r"^\[\^(\w+)\]: ", text, re.MULTILINE)
    assert used == set(defined)
    assert len(defined) == len(set(defined))
    assert all(f"(observations/{name})" in text for name in used)


def test_an_observation_that_is_missing_is_named_and_not_linked() -> None:
    text = report_markdown(replace(investigation(), observations=()))

    assert f"(missing: `{CPU.id}`)" in text
    assert "[^" not in text


def test_a_gap_says_how_to_close_it_and_a_failed_specialist_why() -> None:
    text = report_markdown(investigation())

    assert "(not connected): no logs of cart. To close it: record them." in text
    assert "The logs specialist read 0 rows; failed: the file is cut off at line 9." in text


def test_the_same_investigation_gives_the_same_bytes_stored_or_not() -> None:
    given = investigation()
    stored = to_investigation(to_result(given), [to_detail(one) for one in given.observations])

    assert (
        report_markdown(given).encode() == report_markdown(investigation()).encode() == report_markdown(stored).encode()
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_change_nothing_of_the_structure(text: str) -> None:
    assert _blocks(report_markdown(_saying(text))) == _blocks(report_markdown(_saying("plain words")))
    assert _links(report_markdown(_saying(text))) == _links(report_markdown(_saying("plain words")))


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_no_words_whatever_change_the_structure(text: str) -> None:
    assert _blocks(f"- {prose(text) or 'x'}\n- {code(text)}") == _blocks("- x\n- `x`")
    assert not _links(f"- {prose(text)}\n- {code(text)}")


def test_addresses_are_shown_as_code_since_renderers_make_links_of_them() -> None:
    assert prose("see https://evil.example/x now") == "see `https://evil.example/x` now"


def test_what_steers_a_terminal_or_reorders_text_is_shown_as_a_mark() -> None:
    shown = report_markdown(_saying("\x1b[31m\u202e\u200b\x00"))

    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e\u200b]", shown)


def test_a_very_long_text_is_cut_and_says_by_how_much() -> None:
    assert prose("a" * 1_000_000).endswith("a… (999,400 characters more)")


def test_a_long_list_of_evidence_is_counted_where_it_is_cut() -> None:
    many = tuple(finding(f"metrics-{number}", CPU) for number in range(10, 40))
    text = report_markdown(investigation(verdict=Verdict(VerdictState.LIKELY, replace(CAUSE, support=many))))

    assert "- 18 more; the appendix has all findings." in text


def _saying(text: str) -> Investigation:
    """Return an investigation that says a text wherever others may have written one."""
    seen = observe(Query(SourceClass.LOG, text or "x", text, WINDOW), text, text, CPU.rows)
    claim = replace(RISE, id="logs-1", claim=text, reason=text, component=text, observations=(seen.id, text))
    cause = replace(
        CAUSE, component=text, mechanism=text, support=(claim,), change=text, against=(), unexplained=(text,)
    )
    objection = Objection(text, VerdictState.LIKELY, text, (text,))
    given = investigation(
        title=text,
        verdict=Verdict(VerdictState.LIKELY, cause, (objection,), DecidingQuery(text, text, text, text)),
    )
    return replace(
        given,
        incident=replace(INCIDENT, title=text, symptom=replace(INCIDENT.symptom, text=text, alert=text)),
        observations=(seen,),
        findings=(claim,),
        gaps=(Gap(SourceClass.LOG, GapReason.FAILED, text, text, text),),
        hypotheses=(cause,),
        blast_radius=(text,),
    )


def _tokens(text: str) -> Sequence[Token]:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)


def _blocks(text: str) -> list[tuple[str, str]]:
    return [(token.type, token.tag) for token in _tokens(text) if token.type != "inline"]


def _links(text: str) -> list[tuple[str, object]]:
    """Return what is neither text, code nor our own emphasis; an id differs with what it is the digest of."""
    allowed = {"text", "code_inline", "strong_open", "strong_close", "softbreak", "link_close"}
    children = [child for token in _tokens(text) for child in token.children or ()]
    return [
        (child.type, re.sub(r"^observations/o\w{12}$", "observations", str(child.attrGet("href"))))
        for child in children
        if child.type not in allowed
    ]


def test_numbers_come_with_their_calibration_or_not_at_all() -> None:
    told, bare = report_markdown(investigation()), report_markdown(investigation(), beside=Beside())

    assert "82 % that `cart` is the right component" in told
    assert re.search(r"fitted on \d+ labelled recorded incidents .* Brier 0\.\d{3}", told)
    assert "82 %" not in bare
    assert "no number, since none was calibrated" in bare


def test_guidance_stands_behind_everything_that_is_evidence() -> None:
    text = report_markdown(investigation(), beside=Beside(guidance=GUIDANCE))

    evidence, _, advice = text.partition("## Appendix: what documents advise")
    assert "This is guidance and no evidence" in advice
    assert f"1. Look at the CPU. Seen in this investigation[^{CPU.id}]." in advice
    assert "2. `kubectl delete pod cart` **Destroys:** the pod. Still to do." in advice
    assert "Checked against now, `cart`: it is as it was then." in advice
    assert "runbooks/cart.md" not in evidence
    assert report_markdown(investigation()) == report_markdown(
        investigation(), beside=Beside(calibration_of(investigation().verdict))
    )
    assert "what documents advise" not in report_markdown(investigation())
