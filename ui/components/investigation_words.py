"""How states, windows and components of an investigation are told: in words, with a symbol and a colour."""

from dataclasses import dataclass
from datetime import UTC, datetime

from markupsafe import Markup

from api.schemas.investigation_runs import InvestigationSummary, RunState
from api.schemas.investigations import Window
from ui.components.ages import duration
from ui.components.pills import icon
from ui.components.secret_marks import data_markup


@dataclass(frozen=True, slots=True)
class Look:
    """Words, symbol and colour of a state."""

    words: str
    symbol: str
    tone: str


VERDICTS: dict[str, Look] = {
    "confirmed": Look("Confirmed", "verified", "answered"),
    "likely": Look("Likely", "contrast", "partial"),
    "inconclusive": Look("Inconclusive", "do_not_disturb_on", "abstained"),
    "nothing_wrong": Look("Nothing wrong", "check_circle", "answered"),
}
RUNS: dict[RunState, Look] = {
    RunState.QUEUED: Look("Waiting", "schedule", "running"),
    RunState.RUNNING: Look("Running", "search", "running"),
    RunState.DONE: Look("Done", "check_circle", "answered"),
    RunState.FAILED: Look("Failed", "error", "failed"),
    RunState.CANCELLED: Look("Called off", "cancel", "abstained"),
    RunState.INTERRUPTED: Look("Interrupted", "power_off", "failed"),
}
_LATEST = 253_402_300_799_000_000  # the end of the year 9999, beyond which a date can't be written


def run_look(summary: InvestigationSummary) -> Look:
    """Return the verdict of one that has one, else how far it is."""
    if summary.state is RunState.DONE and summary.verdict is not None:
        return VERDICTS[summary.verdict.value]
    return RUNS[summary.state]


def outcome_markup(look: Look) -> Markup:
    """Return a state for a line in a list."""
    return Markup('<span class="gw-outcome gw-{}">{} {}</span>').format(look.tone, icon(look.symbol), look.words)


def name_markup(name: str) -> Markup:
    """Return a name as the telemetry has it."""
    return Markup("<code>{}</code>").format(data_markup(name))


def instant_words(microseconds: int, *, day: bool = True) -> str:
    """Return a point in time in UTC; what no calendar holds stays a number."""
    if not 0 <= microseconds <= _LATEST:
        return f"{microseconds} µs"
    at = datetime.fromtimestamp(microseconds // 1_000_000, UTC)
    return at.strftime("%Y-%m-%d %H:%M:%S" if day else "%H:%M:%S").removesuffix(":00") + " UTC" * day


def window_words(window: Window) -> str:
    """Return from when to when, and how long that is."""
    start, end = instant_words(window.start), instant_words(window.end)
    if start[:10] == end[:10]:
        start, end = start.removesuffix(" UTC"), end[11:]
    length = duration((window.end - window.start) / 1e6).removesuffix(" 0 s").removesuffix(" 0 min")
    return f"{start} to {end} ({length})"


def ended(text: str) -> str:
    """Return `text` with an end; its start stays, since it may be a name."""
    return text + ("" if text.endswith((".", "?", "!")) else ".")


def plural(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
