"""Alerts as rule files define them and runbooks treat them."""

from collections.abc import Sequence

from markupsafe import Markup

from api.schemas.structure import AlertDefinition, AlertSummary, RunbookLink
from ui.components.inline import inline_markup, web_address
from ui.components.pills import pill, severity_pill, status_pill
from ui.components.places import document_address, line_words, stated_address, stated_markup

_MENTIONS_SHOWN = 5


def alerts_markup(alerts: Sequence[AlertSummary]) -> Markup:
    """Return one block for each alert; a single one stands open."""
    return Markup("").join(_alert(alert, unfolded=len(alerts) == 1) for alert in alerts)


def _alert(alert: AlertSummary, *, unfolded: bool) -> Markup:
    rules = "no rule" if not alert.rules else "1 rule" if len(alert.rules) == 1 else f"{len(alert.rules)} rules"
    return Markup(
        '<article class="gw-alert" aria-label="Alert {name}">'
        '<div class="gw-alert-head"><strong>{name}</strong>{severity}'
        '<span class="gw-muted">{rules}</span><span class="gw-alert-runbook">{runbook}</span></div>'
        '<details class="gw-fold"{open}><summary>Definition and places</summary>{details}</details></article>'
    ).format(
        name=alert.name,
        severity=Markup("").join(severity_pill(severity) for severity in alert.severities),
        rules=rules,
        runbook=_first_runbook(alert),
        open=Markup(" open") if unfolded else "",
        details=_details(alert),
    )


def _first_runbook(alert: AlertSummary) -> Markup:
    if not alert.runbooks:
        return pill("No runbook", symbol="help", level="warn")
    link = alert.runbooks[0]
    more = Markup(' <span class="gw-muted">and {} more</span>').format(len(alert.runbooks) - 1)
    return _runbook_link(link) + (more if len(alert.runbooks) > 1 else "")


def _runbook_link(link: RunbookLink) -> Markup:
    return Markup('<a class="gw-soft" href="{}">{}</a> {}').format(
        document_address(link.document.document_id),
        link.document.title or link.document.path,
        status_pill(link.document.status.value),
    )


def _details(alert: AlertSummary) -> Markup:
    rules = Markup("").join(_rule(rule) for rule in alert.rules)
    runbooks = Markup("").join(
        Markup('<li>{} <span class="gw-muted">{}{}</span></li>').format(
            _runbook_link(link), link.how, f", section {link.anchor}" if link.anchor else ""
        )
        for link in alert.runbooks
    )
    mentions = Markup("").join(stated_markup(one) for one in alert.mentioned[:_MENTIONS_SHOWN])
    beyond = len(alert.mentioned) - _MENTIONS_SHOWN
    return Markup("{}{}{}{}").format(
        rules or Markup('<p class="gw-muted">No rule file that was read defines it.</p>'),
        Markup("<h3>Runbooks</h3><ul>{}</ul>").format(runbooks) if runbooks else "",
        Markup("<h3>Also named in</h3>{}").format(mentions) if mentions else "",
        Markup('<p class="gw-muted">and in {} more places</p>').format(beyond) if beyond > 0 else "",
    )


def _rule(rule: AlertDefinition) -> Markup:
    place = Markup('<a class="gw-soft" href="{}"><code class="gw-path">{}/{}</code>, {}</a>').format(
        stated_address(rule.stated),
        rule.stated.source,
        rule.stated.path,
        line_words(rule.stated.line_start, rule.stated.line_end),
    )
    facts: list[tuple[str, Markup | str]] = [
        ("For", rule.wait),
        ("Labels", Markup("<code>severity: {}</code>").format(rule.severity) if rule.severity else ""),
        ("Group", rule.group),
        ("Defined in", place),
        ("Runbook address", _address(rule.runbook_url)),
    ]
    rows = Markup("").join(
        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(name, value) for name, value in facts if value
    )
    words = Markup("").join(
        Markup("<p>{}</p>").format(inline_markup(text)) for text in (rule.summary, rule.description) if text
    )
    return Markup('<div class="gw-rule">{}<pre class="gw-expr"><code>{}</code></pre><dl>{}</dl></div>').format(
        words, rule.expr, rows
    )


def _address(url: str) -> Markup | str:
    safe = web_address(url)
    if safe is None:
        return Markup("<code>{}</code>").format(url) if url else ""
    return Markup('<a href="{0}" target="_blank">{0}</a>').format(safe)
