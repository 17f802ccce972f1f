"""Small labels for what a document is and whether it may still be followed."""

from datetime import UTC, date, datetime

from markupsafe import Markup

_ICONS = {"draft": "edit_note", "deprecated": "block", "superseded": "block", "failed": "error"}


def icon(name: str) -> Markup:
    """Return a Material symbol that screen readers skip; the words beside it say what it means."""
    return Markup('<span class="gw-icon" aria-hidden="true">{}</span>').format(name)


def kind_pill(kind: str) -> Markup:
    """Return the kind of a document as a quiet label."""
    return Markup('<span class="gw-pill">{}</span>').format(kind.capitalize())


def status_pill(status: str) -> Markup:
    """Return a loud label for a document that must not be followed blindly; nothing for a current one."""
    if status == "current":
        return Markup("")
    words = {"draft": "Draft", "deprecated": "Deprecated", "superseded": "Superseded"}.get(status, status)
    level = "warn" if status == "draft" else "stop"
    return Markup('<span class="gw-pill gw-pill-{}">{} {}</span>').format(
        level, icon(_ICONS.get(status, "info")), words
    )


def pill(words: str, *, symbol: str = "", level: str = "", title: str = "") -> Markup:
    """Return a label; `level` is "warn", "stop", "good" or "" for a quiet one."""
    return Markup('<span class="gw-pill{}"{}>{}{}</span>').format(
        f" gw-pill-{level}" if level else "",
        Markup(' title="{}"').format(title) if title else "",
        icon(symbol) + " " if symbol else "",
        words,
    )


def overdue_pill(review_by: date | None, today: date | None = None) -> Markup:
    """Return a loud label once the day has passed by which a document was to be reviewed; else nothing."""
    if review_by is None or review_by >= (today or datetime.now(UTC).date()):
        return Markup("")
    return pill(f"Review overdue since {review_by.isoformat()}", symbol="event_busy", level="warn")


def severity_pill(severity: str) -> Markup:
    """Return the severity of an alert in its own word; nothing where none is stated."""
    loud = {"critical": "stop", "page": "stop", "warning": "warn"}.get(severity.lower(), "")
    symbol = {"stop": "error", "warn": "warning"}.get(loud, "info")
    return pill(severity, symbol=symbol, level=loud) if severity else Markup("")


def failed_pill() -> Markup:
    """Return the label of a document that could not be read."""
    return Markup('<span class="gw-pill gw-pill-stop">{} Failed</span>').format(icon("error"))
