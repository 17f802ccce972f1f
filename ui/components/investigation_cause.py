"""The cause that a verdict names: how it reached the symptom, and what speaks for and against it."""

from collections.abc import Mapping

from markupsafe import Markup

from api.schemas.investigations import Edge, Hop, Hypothesis, InvestigationResult
from ui.components.investigation_citations import Citations, findings_markup
from ui.components.investigation_words import name_markup
from ui.components.pills import icon
from ui.components.secret_marks import data_markup


def chain_markup(cause: Hypothesis, result: InvestigationResult, cited: Citations) -> Markup:
    """Return the way from the cause to the symptom, one hop a line, each with the rows that show it."""
    symptom = result.incident.symptom.component
    if not cause.chain:
        words = (
            "It is where the symptom was noticed."
            if symptom == cause.component
            else "No observed calls connect it with the symptom."
        )
        return Markup('<section><h2 class="gw-section">From cause to symptom</h2><p>{}</p></section>').format(words)
    edges = {call.observation: call.edge for call in result.calls}
    hops = Markup("").join(_hop(hop, edges, cited) for hop in cause.chain)
    return Markup(
        '<section><h2 class="gw-section">From cause to symptom</h2><ol class="gw-chain"><li class="gw-chain-start">'
        '<div>{} <strong>Cause</strong> {}</div><div class="gw-muted">{}</div></li>{}</ol></section>'
    ).format(
        icon("adjust"),
        name_markup(cause.component),
        data_markup(cited.sentence(cause.mechanism or "no mechanism told")),
        hops,
    )


def evidence_markup(cause: Hypothesis, cited: Citations) -> Markup:
    """Return what speaks for the cause, against it, and what it does not explain; none of them is left out."""
    return Markup("").join(
        (
            _section("Evidence for it", cause.support, cited, "Nothing supports it."),
            _section("Evidence against it", cause.against, cited, "Nothing that was looked at speaks against it."),
            _section("What it does not explain", cause.unexplained, cited, "It explains all that was unusual."),
        )
    )


def _hop(hop: Hop, edges: Mapping[str, Edge], cited: Citations) -> Markup:
    trouble = (
        Markup("Trouble at {}{}").format(name_markup(hop.effect), cited.chips(hop.anomalies))
        if hop.anomalies
        else Markup("Nothing unusual was seen at {}.").format(name_markup(hop.effect))
    )
    return Markup('<li><div>{} reaches {}</div><div class="gw-hop"><span>{}</span><span>{}</span></div></li>').format(
        icon("south"), name_markup(hop.effect), _calls(hop, edges, cited), trouble
    )


def _calls(hop: Hop, edges: Mapping[str, Edge], cited: Citations) -> Markup:
    """Return who calls whom: trouble goes from what is called to its callers, and load the other way."""
    edge = next((edges[name] for name in hop.calls if name in edges), None)
    if edge is None:
        return Markup("No rows show a call between the two.")
    return Markup("{} calls {}{}").format(name_markup(edge.caller), name_markup(edge.callee), cited.chips(hop.calls))


def _section(heading: str, names: list[str], cited: Citations, empty: str) -> Markup:
    body = findings_markup(names, cited) if names else Markup('<p class="gw-muted">{}</p>').format(empty)
    count = Markup(' <span class="gw-count">{}</span>').format(len(names)) if names else ""
    return Markup('<section><h2 class="gw-section">{}{}</h2>{}</section>').format(heading, count, body)
