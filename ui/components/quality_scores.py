"""Scores of a run as markup: whether bars are reached, what moved, and every score with its interval."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from api.schemas.comparisons import Change, Comparison, SuiteComparison
from api.schemas.evaluations import EvaluationReport, Score, SuiteReport
from api.schemas.score_words import formatted, reaches, worsened
from ui.components.ages import age_markup, duration
from ui.components.inline import inline_markup, sentence
from ui.components.pills import icon, pill
from ui.components.quality_address import QualityView
from ui.components.tables import row_markup, table_markup

_FIGURES = (2, 3, 4, 5)
_WORST_SHOWN = 5


def run_summary_markup(report: EvaluationReport, comparison: Comparison) -> Markup:
    """Return the verdict on a run: bars reached or not, what got worse, and what was measured."""
    bars = [score for suite in report.suites for score in suite.scores if score.bar is not None]
    missed = [score for score in bars if reaches(score) is False]
    silent = sum(score.value is None for score in bars)
    titles = {suite.name: suite.title for suite in report.suites}
    worse = [
        (titles.get(one.suite, one.suite), change) for one in comparison.suites for change in worsened(one.changes)
    ]
    words = f"{len(bars) - len(missed) - silent} of {len(bars)} bars reached"
    tone, symbol = ("answered", "check_circle") if not missed and not worse else ("partial", "rule")
    if not bars or silent == len(bars):
        tone, symbol, words = "abstained", "do_not_disturb_on", "No score with a bar was measured"
    notes = [f"{silent} could not be measured" * bool(silent), f"{len(worse)} scores worse" * bool(worse)]
    facts = "; ".join(part for part in notes if part)
    return Markup(
        '<section class="gw-verdict gw-{}" aria-label="Verdict on this run"><div class="gw-verdict-line">'
        '<span class="gw-badge">{} {}</span><span class="gw-muted">{}</span></div><p>{}</p>{}</section>'
    ).format(tone, icon(symbol), words, facts, _run_facts(report), _worse_markup(worse))


def skipped_markup(suites: Sequence[SuiteReport]) -> Markup:
    """Return the suites that did not run, each with its reason; nothing where all ran."""
    items = Markup("").join(
        Markup("<li><strong>{}</strong>: {}</li>").format(suite.title, inline_markup(sentence(suite.skipped)))
        for suite in suites
        if suite.skipped
    )
    if not items:
        return Markup("")
    return Markup('<section class="gw-gaps gw-missing"><h3>{} Not run</h3><ul>{}</ul></section>').format(
        icon("help"), items
    )


def suite_tabs_markup(report: EvaluationReport, shown: SuiteReport, view: QualityView) -> Markup:
    """Return links to the suites that ran, each with its count of bars not reached."""
    links = Markup("").join(
        Markup('<a class="gw-soft gw-tab" href="{}"{}>{}{}</a>').format(
            QualityView(run=view.run, suite=suite.name).address,
            Markup(' aria-current="page"') if suite is shown else "",
            suite.title,
            _missed_pill(suite),
        )
        for suite in report.suites
        if not suite.skipped
    )
    return Markup('<nav class="gw-tabs" aria-label="Suites">{}</nav>').format(links)


def suite_facts_markup(suite: SuiteReport) -> Markup:
    """Return how many cases there were, how many failed, and what it took."""
    return Markup('<div class="gw-facts"><span>{} cases</span><span>{} failed</span><span>{}</span></div>').format(
        f"{suite.n:,}", f"{suite.failures:,}", duration(suite.seconds)
    )


def scores_markup(suite: SuiteReport, compared: SuiteComparison | None) -> Markup:
    """Return all scores of a suite: those with a bar, those of the whole suite, and folded those of its groups."""
    changes = {(change.name, change.group): change for change in compared.changes} if compared else {}
    promised = [score for score in suite.scores if score.bar is not None]
    whole = [score for score in suite.scores if score.bar is None and not score.group]
    parts = [score for score in suite.scores if score.bar is None and score.group]
    folded = Markup('<details class="gw-fold"><summary>Scores of each group</summary>{}</details>')
    return _table([*promised, *whole], changes) + (folded.format(_table(parts, changes)) if parts else "")


def changes_markup(compared: SuiteComparison) -> Markup:
    """Return what the comparison with an earlier run says in one paragraph."""
    moved = [change for change in compared.changes if change.verdict != "equal"]
    words = f"{len(moved)} of {len(compared.changes)} scores moved beyond noise"
    cases = f"{len(compared.newly_failed)} cases newly failed, {len(compared.mended)} mended"
    return Markup(
        '<p class="gw-muted">Beside the <a class="gw-soft" href="{}">run of {}</a>, over the {} cases in both: {}; {}. '
        "{}</p>"
    ).format(
        QualityView(run=compared.against, suite=compared.suite).address,
        compared.against_started_at.strftime("%Y-%m-%d %H:%M UTC"),
        f"{compared.cases:,}",
        words,
        cases,
        sentence(compared.note) if compared.note else "",
    )


def _table(scores: Sequence[Score], changes: Mapping[tuple[str, str], Change]) -> Markup:
    names = ("Score", "Group", "Cases", "Value", "95 % interval", "Bar", "Since the run before")
    rows = [_row(score, changes) for score in scores]
    return table_markup(names, rows, figures=_FIGURES) if rows else Markup("")


def _run_facts(report: EvaluationReport) -> Markup:
    by = "on schedule" if report.trigger == "schedule" else "by hand"
    return Markup(
        '<span class="gw-facts"><span>{}</span><span>started {}</span><span>{}</span><span>{} documents, {} passages'
        "</span><span>revision {}</span><code>{}</code></span>"
    ).format(
        age_markup(report.started_at, exact=True),
        by,
        duration(report.seconds),
        f"{report.documents:,}",
        f"{report.passages:,}",
        report.revision or "unknown",
        report.embedding_model or "no model",
    )


def _worse_markup(worse: Sequence[tuple[str, Change]]) -> Markup:
    if not worse:
        return Markup("")
    items = Markup("").join(
        Markup("<li>{}, {}{}: {} to {}, over {} cases</li>").format(
            title,
            change.name,
            f" ({change.group})" if change.group else "",
            f"{change.before:.3f}",
            f"{change.after:.3f}",
            f"{change.n:,}",
        )
        for title, change in worse[:_WORST_SHOWN]
    )
    more = f"and {len(worse) - _WORST_SHOWN} more" if len(worse) > _WORST_SHOWN else ""
    return Markup(
        '<h3 class="gw-quality-worse">{} Worse than the run before, beyond noise</h3>'
        '<ul class="gw-quality-worse">{}</ul><p class="gw-muted">{}</p>'
    ).format(icon("trending_down"), items, more)


def _missed_pill(suite: SuiteReport) -> Markup:
    missed = sum(reaches(score) is False for score in suite.scores)
    return (
        Markup(" {}").format(pill(f"{missed} below", level="warn", title="Bars not reached")) if missed else Markup("")
    )


def _row(score: Score, changes: Mapping[tuple[str, str], Change]) -> Markup:
    around = "–" if score.low is None else f"{formatted(score.low, score)} to {formatted(score.high, score)}"
    cells: list[Markup | str] = [
        Markup("{}{}").format(score.name, _reason(score)),
        score.group,
        f"{score.n:,}",
        formatted(score.value, score),
        around,
        _bar(score),
        _change(changes.get((score.name, score.group)), score),
    ]
    return row_markup(cells, figures=_FIGURES)


def _reason(score: Score) -> Markup:
    return Markup('<div class="gw-muted">{}</div>').format(sentence(score.reason)) if score.reason else Markup("")


def _bar(score: Score) -> Markup:
    if score.bar is None:
        return Markup("")
    side = "at least" if score.better == "higher" else "at most"
    words = Markup('<span class="gw-nowrap">{} {}</span>').format(side, formatted(score.bar, score))
    match reaches(score):
        case True:
            return words + pill("Reached", symbol="check", level="good")
        case False:
            return words + pill("Not reached", symbol="close", level="stop")
        case _:
            return words + pill("Not measured", symbol="help")


def _change(change: Change | None, score: Score) -> Markup:
    if change is None:
        return Markup("")
    scaled = f"{change.difference * 100:+.1f} points" if score.unit == "share" else f"{change.difference:+.3f}"
    look = {"better": ("Better", "trending_up", "good"), "worse": ("Worse", "trending_down", "stop")}
    if change.verdict not in look:
        return Markup('<span class="gw-muted">{}</span>').format(
            "no change" if not change.difference else f"within noise ({scaled})"
        )
    words, symbol, level = look[change.verdict]
    return pill(f"{words}: {scaled}", symbol=symbol, level=level)
