"""One run as markup: its outcome in words, shape and colour, its progress, its times and its checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.schemas.upkeep import Check, RunSummary, Stage
from ui.components.ages import age_markup, duration
from ui.components.inline import inline_markup, sentence
from ui.components.pills import icon
from ui.components.tables import row_markup, table_markup
from ui.components.views import View, view_address

CHANGES = ("added", "changed", "removed", "failed", "restored")
_STAGES = {
    "discover": "Listing what the sources hold",
    "read": "Reading documents",
    "embed": "Embedding changed passages",
    "build": "Building the new generation",
    "check": "Checking the new generation",
}


@dataclass(frozen=True, slots=True)
class _Look:
    words: str
    symbol: str
    tone: str


_LOOKS = {
    "running": _Look("Running", "sync", "running"),
    "succeeded": _Look("Succeeded", "check_circle", "answered"),
    "failed": _Look("Failed", "error", "failed"),
    "refused": _Look("Refused by its checks", "gpp_bad", "failed"),
    "cancelled": _Look("Cancelled", "cancel", "partial"),
    "killed": _Look("Broken off", "power_off", "failed"),
}
_STALLED = _Look("No sign of life", "hourglass_disabled", "partial")


def run_markup(run: RunSummary, *, heading: str = "") -> Markup:
    """Return the outcome of a run, what it did, and, while it runs, how far it is."""
    look = _look(run)
    return Markup(
        '<section class="gw-verdict gw-{tone} gw-run" aria-label="{label}"><div class="gw-verdict-line">'
        '<span class="gw-badge">{symbol} {words}</span><span class="gw-muted">{facts}</span></div>'
        "<p>{text}</p>{progress}{counts}</section>"
    ).format(
        tone=look.tone,
        label=heading or f"Run {run.id}",
        symbol=icon(look.symbol),
        words=look.words,
        facts=_facts(run),
        text=inline_markup(outcome_words(run)),
        progress=_progress(run) if run.outcome.value == "running" else "",
        counts=counts_markup(run),
    )


def outcome_words(run: RunSummary) -> str:
    """Return what the outcome of a run means for a reader, and what to do about it."""
    outcome, reason = run.outcome.value, sentence(run.reason) if run.reason else ""
    if outcome == "running" and run.stalled:
        return (
            "The run has given no sign for long. What was served before goes on serving; cancel it, "
            "or see the log of its process."
        )
    if outcome == "running":
        return "What was served before goes on serving until the run has passed its checks."
    if outcome == "succeeded":
        done = "Nothing had changed." if not any(run.counts.values()) else ""
        served = f"It serves as generation {run.generation}." if run.generation is not None and not done else ""
        return f"{done} {served} {reason}".strip() or "All that was asked is done."
    kept = "What was served before goes on serving."
    advice = {
        "refused": "See the check that failed below, mend its cause, and sync again.",
        "failed": "Mend the cause, and sync again.",
        "killed": "Sync again: what was done is taken up.",
        "cancelled": "Sync again when you want it.",
    }
    return f"{reason} {kept} {advice[outcome]}".strip()


def outcome_markup(run: RunSummary) -> Markup:
    """Return the outcome of a run on one line of a table."""
    look = _look(run)
    return Markup('<span class="gw-outcome gw-{}">{} {}</span>').format(look.tone, icon(look.symbol), look.words)


def counts_markup(run: RunSummary) -> Markup:
    """Return how many documents a run changed, by kind of change; nothing where it changed none."""
    shown = [
        Markup('<span class="gw-change gw-change-{}">{} {} {}</span>').format(
            kind, change_icon(kind), f"{count:,}", kind
        )
        for kind, count in counts_in_order(run.counts)
    ]
    if shown and run.outcome.value != "succeeded":
        shown.insert(0, Markup('<span class="gw-muted">Not served:</span>'))
    return Markup('<div class="gw-facts">{}</div>').format(Markup("").join(shown)) if shown else Markup("")


def counts_in_order(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return the counts that are not zero, in the order of all diffs."""
    order = [*CHANGES, *(kind for kind in counts if kind not in CHANGES)]
    return [(kind, counts[kind]) for kind in order if counts.get(kind)]


def change_icon(kind: str) -> Markup:
    """Return the symbol of a kind of change."""
    symbols = {"added": "add", "changed": "edit", "removed": "remove", "failed": "error", "restored": "undo"}
    return icon(symbols.get(kind, "info"))


def stages_markup(stages: Sequence[Stage]) -> Markup:
    """Return how long each stage took, with its share of the whole."""
    whole = sum(stage.seconds for stage in stages) or 1.0
    rows = [
        row_markup(
            (
                stage_words(stage.stage),
                duration(stage.seconds),
                Markup('<meter min="0" max="100" value="{0}">{0} %</meter>').format(round(100 * stage.seconds / whole)),
            ),
            figures={1},
        )
        for stage in stages
    ]
    return table_markup(("Stage", "Took", "Share"), rows, figures={1}, style="gw-stages") if rows else Markup("")


def checks_markup(checks: Sequence[Check]) -> Markup:
    """Return the checks that the new generation had to pass; those that failed stand first."""
    rows = [
        row_markup((_passed(check), check.name, Markup("{}").format(check.detail)))
        for check in sorted(checks, key=lambda one: one.passed)
    ]
    return table_markup(("Outcome", "Check", "What was found"), rows, style="gw-checks") if rows else Markup("")


def held_markup(held: str) -> Markup:
    """Return why runs wait, "" giving nothing."""
    if not held:
        return Markup("")
    return Markup(
        '<section class="gw-verdict gw-partial" role="status"><div class="gw-verdict-line"><span class="gw-badge">{} '
        "Syncs are held</span></div><p>{} Mend the cause, then let them run again with:</p></section>"
    ).format(icon("pause_circle"), inline_markup(sentence(held)))


def run_address(run: int, page: int = 1) -> str:
    """Return the address of one run."""
    return view_address(View.RUNS, {"run": str(run), "page": str(page) if page > 1 else ""})


def stage_words(stage: str) -> str:
    """Return a stage in words; an unknown one as it is called."""
    return _STAGES.get(stage, stage.capitalize())


def _look(run: RunSummary) -> _Look:
    return _STALLED if run.stalled and run.outcome.value == "running" else _LOOKS[run.outcome.value]


def _facts(run: RunSummary) -> Markup:
    took = f", took {duration(run.seconds)}" if run.finished_at is not None else ""
    sources = ", ".join(run.sources) if run.sources else "all sources"
    return Markup('<a class="gw-soft" href="{}">Run {}</a> of {}, started {}{}').format(
        run_address(run.id), run.id, sources, age_markup(run.started_at, exact=True), took
    )


def _progress(run: RunSummary) -> Markup:
    words = stage_words(run.stage) if run.stage else "Starting"
    if not run.total:
        return Markup('<div class="gw-progress"><span>{}</span></div>').format(words)
    return Markup(
        '<div class="gw-progress"><span>{words}: {done} of {total}</span>'
        '<progress max="{most}" value="{now}" aria-label="{words}"></progress></div>'
    ).format(words=words, done=f"{run.done:,}", total=f"{run.total:,}", most=run.total, now=min(run.done, run.total))


def _passed(check: Check) -> Markup:
    tone, symbol, words = ("answered", "check_circle", "Passed") if check.passed else ("failed", "error", "Failed")
    return Markup('<span class="gw-outcome gw-{}">{} {}</span>').format(tone, icon(symbol), words)
