"""Citations of an investigation: numbered chips that open the rows of an observation, and findings that carry them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from markupsafe import Markup

from api.schemas.investigations import FindingView, InvestigationResult, ObservationSummary
from ui.components.inline import sentence
from ui.components.investigation_address import InvestigationView
from ui.components.investigation_words import ended, instant_words, name_markup
from ui.components.secret_marks import data_markup

_CHIPS = 12


@dataclass(slots=True)
class Citations:
    """Numbers observations in the order in which the page cites them first; the same rows keep their number."""

    view: InvestigationView
    findings: dict[str, FindingView]
    observations: dict[str, ObservationSummary]
    names: tuple[str, ...] = ()
    numbers: dict[str, int] = field(default_factory=dict)
    rejected: frozenset[str] = frozenset()
    steerable: bool = False

    @property
    def first(self) -> str:
        """The observation that the page cites first; empty where it cites none."""
        return next(iter(self.numbers), "")

    def sentence(self, text: str) -> str:
        """Return `text` as a sentence; where it starts with the name of a component, that stays as it is."""
        return ended(text) if text.startswith(self.names) else sentence(text)

    def chips(self, observations: Iterable[str]) -> Markup:
        """Return chips for observations; names that stand for none are left out."""
        known = [name for name in dict.fromkeys(observations) if name in self.observations]
        chips = Markup("").join(self._chip(name) for name in known[:_CHIPS])
        more = Markup(' <span class="gw-muted">and {} more</span>').format(len(known) - _CHIPS)
        return Markup('<span class="gw-chips">{}</span>{}').format(chips, more if len(known) > _CHIPS else "") * bool(
            known
        )

    def chips_of(self, findings: Iterable[str]) -> Markup:
        """Return chips for what findings rest on."""
        known = (self.findings[name] for name in findings if name in self.findings)
        return self.chips(rows for finding in known for rows in finding.observations)

    def cited_by(self, observation: str) -> list[FindingView]:
        """Return the findings that rest on an observation."""
        return [one for one in self.findings.values() if observation in one.observations]

    def decisions(self, what: str, on: str) -> Markup:
        """Return links that fill in the form to confirm or reject a finding or a cause; none where nobody can.

        They are the same whichever rows are open: what is redrawn loses the focus.
        """
        if not self.steerable:
            return Markup("")
        links = [
            Markup('<a class="gw-soft" href="{}#steering" aria-label="{} {} {}">{}</a>').format(
                replace(self.view, rows="", act=f"{verb}_{what}", on=on).address, verb.title(), what, on, verb.title()
            )
            for verb in ("confirm", "reject")
        ]
        return Markup('<span class="gw-decide">{}</span>').format(Markup(" ").join(links))

    def step_link(self, document: str, line: int) -> Markup:
        """Return a link that fills in the form for what became of a step; none where nobody can say it."""
        if not self.steerable:
            return Markup("")
        address = replace(self.view, rows="", act="step", on=f"{line}:{document}").address
        return Markup(
            ' <a class="gw-soft" href="{}#steering" aria-label="Record the step at line {}">Record</a>'
        ).format(address, line)

    @property
    def selection(self) -> str:
        """A style that marks the chips of the open rows; the chips stay as they are, and with them what is unfolded."""
        number = self.numbers.get(self.view.rows or self.first, 0)
        colours = "background: var(--gw-accent); color: var(--gw-on-accent)"
        return f'<style>.stHtml a.gw-chip[data-n="{number}"] {{ {colours} }}</style>'

    def _chip(self, name: str) -> Markup:
        number = self.numbers.setdefault(name, len(self.numbers) + 1)
        return Markup('<a class="gw-chip gw-soft" data-n="{}" href="{}" title="{}" aria-label="{}">{}</a>').format(
            number,
            replace(self.view, rows=name).address,
            _shortened(self.observations[name].summary),
            f"Rows {number}: {_shortened(self.observations[name].summary)}",
            number,
        )


def citations_of(result: InvestigationResult, view: InvestigationView, *, steerable: bool = False) -> Citations:
    """Return the citations of a result, none numbered yet; `steerable` has findings offer to be decided about."""
    findings = {one.id: one for one in result.findings}
    names = {*result.incident.components, *(one.component for one in result.findings)}
    names |= {one.component for one in result.hypotheses} | {one.component for one in result.ruled_out}
    observations = {one.id: one for one in result.observations}
    return Citations(
        view,
        findings,
        observations,
        tuple(sorted(names - {""})),
        rejected=frozenset(result.rejected),
        steerable=steerable,
    )


def findings_markup(names: Sequence[str], cited: Citations, *, shown: int = 8) -> Markup:
    """Return findings as a list, the rest of a long one folded; an id that stands for none is named."""
    rows = [_finding(name, cited) for name in names]
    head = Markup('<ul class="gw-findings">{}</ul>').format(Markup("").join(rows[:shown]))
    if len(rows) <= shown:
        return head
    return head + Markup(
        '<details class="gw-fold"><summary>{} more</summary><ul class="gw-findings">{}</ul></details>'
    ).format(len(rows) - shown, Markup("").join(rows[shown:]))


def _finding(name: str, cited: Citations) -> Markup:
    finding = cited.findings.get(name)
    if finding is None:
        return Markup("<li>{}, which is no finding of this investigation.</li>").format(name_markup(name))
    since = f"{instant_words(finding.onset)} on" if finding.onset is not None else ""
    human = finding.source.value == "human"
    return Markup('<li>{}{}{}<div class="gw-facts"><span>{}</span><span>{}</span><span>{}</span>{}</div></li>').format(
        data_markup(cited.sentence(finding.claim)),
        Markup(" <em>(rejected)</em>") if name in cited.rejected else "",
        cited.chips(finding.observations),
        finding.source.value,
        Markup("from {}").format(since) if since else "no onset told",
        data_markup(cited.sentence(finding.reason)) if finding.reason else "",
        Markup("") if human else cited.decisions("finding", name),
    )


def _shortened(text: str) -> str:
    return text if len(text) <= 160 else f"{text[:160].rstrip()} …"
