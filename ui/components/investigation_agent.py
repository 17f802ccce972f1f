"""What an agent added beside an investigation: each statement with its rows, what was refused, and what it cost."""

from collections.abc import Iterable

from markupsafe import Markup

from api.schemas.investigation_agent import AcceptedProposalView, AgentNotesView, AgentStepView
from ui.components.investigation_citations import Citations
from ui.components.investigation_words import VERDICTS, name_markup, plural
from ui.components.secret_marks import data_markup
from ui.components.tables import row_markup, table_markup


def agent_markup(agent: AgentNotesView | None, cited: Citations) -> Markup:
    """Return the section; nothing where no agent took part."""
    if agent is None:
        return Markup("")
    cost = agent.cost
    tokens = cost.prompt_tokens + cost.completion_tokens
    money = f", {cost.money:.4f} of money" if cost.money is not None else ""
    proposals = Markup("").join(_accepted(one, agent, cited) for one in agent.accepted)
    return Markup(
        '<section><h2 class="gw-section">What the agent added</h2><p class="gw-muted">{} looked further after the '
        "verdict was settled; it changes neither findings nor verdict. {}</p>{}{}{}{}"
        '<p class="gw-muted">{} accepted, {:,} refused; {}, {:,} tokens{}, {:.1f} s.</p></section>'
    ).format(
        data_markup(agent.model),
        data_markup(cited.sentence(agent.note)),
        proposals or Markup("<p>It proposed nothing that the findings bear out.</p>"),
        _findings(agent, cited),
        _refused(agent),
        _asked(agent, cited),
        plural(len(agent.accepted), "proposal"),
        len(agent.rejected),
        plural(cost.calls, "call"),
        tokens,
        money,
        cost.seconds,
    )


def _accepted(one: AcceptedProposalView, agent: AgentNotesView, cited: Citations) -> Markup:
    cause = one.hypothesis
    rests = {finding.id: finding.observations for finding in (*cited.findings.values(), *agent.findings)}
    rows = (seen for name in one.cited for seen in rests.get(name, [name]))
    against = Markup("").join(
        Markup("<li>{}{}</li>").format(data_markup(cited.sentence(said.reason)), cited.chips_of(said.rests_on))
        for said in one.objections
    )
    removed = Markup('<p class="gw-muted">Its own sentence is not shown: {}</p>').format(
        data_markup(cited.sentence(one.text_removed))
    ) * bool(one.text_removed)
    return Markup("<p>It proposes {} ({}), held for {}: {}{}</p>{}{}").format(
        name_markup(cause.component),
        cause.kind.meaning,
        VERDICTS[one.state.value].words.lower(),
        data_markup(cited.sentence(cause.mechanism)),
        cited.chips(rows),
        removed,
        Markup('<div class="gw-label">Against it</div><ul>{}</ul>').format(against) if against else "",
    )


def _findings(agent: AgentNotesView, cited: Citations) -> Markup:
    items = [
        Markup("<li>{}{}</li>").format(data_markup(cited.sentence(one.claim)), cited.chips(one.observations))
        for one in agent.findings
    ]
    return _list("Findings of what it asked for, made by code", items)


def _refused(agent: AgentNotesView) -> Markup:
    items = [
        Markup("<li>{}, {}: {}</li>").format(name_markup(one.component), data_markup(one.kind), data_markup(one.reason))
        for one in agent.rejected
    ]
    return _list(f"Refused ({len(items)}), since the findings don't bear it out", items)


def _asked(agent: AgentNotesView, cited: Citations) -> Markup:
    """Return each call of a tool, folded, and what was cut."""
    if not agent.steps:
        return Markup("")
    rows = [
        row_markup((f"{one.number}", _call(one), one.outcome.value, cited.chips(one.observations)), figures=(0,))
        for one in agent.steps
    ]
    table = table_markup(("No.", "Asked", "Outcome", "Rows"), rows, figures=(0,))
    cut = _list("What was cut", [Markup("<li>{}</li>").format(data_markup(cited.sentence(one))) for one in agent.cut])
    return Markup('<details class="gw-fold"><summary>What it asked: {}</summary>{}</details>{}').format(
        plural(len(agent.steps), "step"), table, cut
    )


def _call(step: AgentStepView) -> Markup:
    given = Markup(", ").join(
        Markup("{} {}").format(data_markup(one.name), name_markup(one.value)) for one in step.arguments
    )
    return Markup("{}({})").format(name_markup(step.tool), given)


def _list(heading: str, items: Iterable[Markup]) -> Markup:
    body = Markup("").join(items)
    return Markup('<div class="gw-label">{}</div><ul>{}</ul>').format(heading, body) * bool(body)
