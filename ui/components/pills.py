"""Small labels for what a document is and whether it may still be followed."""

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


def failed_pill() -> Markup:
    """Return the label of a document that could not be read."""
    return Markup('<span class="gw-pill gw-pill-stop">{} Failed</span>').format(icon("error"))
