"""Answers that the fake assistant has ready: whole, in conflict, partial, hostile, and none."""

from api.answering.answer import Outcome, StatementKind
from api.schemas.answers import Answer, Confidence, Statement
from api.schemas.search import SearchHit
from tests.ui.material import DATA_STORES, DEFACED, DISK, OLD, WHAT_TO_DO, said

STEP, ITEM, COMMAND, ROW = (
    StatementKind.STEP,
    StatementKind.ITEM,
    StatementKind.COMMAND,
    StatementKind.TABLE_ROW,
)
RUNBOOK_QUESTION = "What do I do when OrdersDiskAlmostFull fires?"
CONFLICT_QUESTION = "At how many percent does the orders database page?"
PARTIAL_QUESTION = "Who owns the orders database, and how is it backed up?"
HOSTILE_QUESTION = "How was the page defaced?"
UNKNOWN_QUESTION = "What do I do when CheckoutQueueStuck fires?"


def runbook_answer() -> Answer:
    """Return steps with commands, one destructive, and a table."""

    def step(quote: str, **facts: object) -> Statement:
        return said(DISK, quote, 2, headings=WHAT_TO_DO, **facts)

    never = [DISK.title, "Never"]
    header = "| Command | Why not |"
    statements = [
        said(DISK, "`OrdersDiskAlmostFull` fires at 85 % of the data volume.", 1, headings=[DISK.title]),
        said(DISK, "At 100 % the database stops, and orders with it.", 1, headings=[DISK.title]),
        step("1. See what takes the space on the node that the alert names:", kind=STEP, number=1),
        step("kubectl -n $NAMESPACE exec $POD -- du -sh /data/wal /data/base /data/log", kind=COMMAND, language="bash"),
        step("- `wal` above 40 GB: a replica holds it back. Go on with step 2.", kind=ITEM, depth=1),
        step("- `log` grows: step 3.", kind=ITEM, depth=1),
        step("2. Find the slot that nobody reads – ask its **owner** before you drop it:", kind=STEP, number=2),
        step("SELECT slot_name, active FROM pg_replication_slots;", kind=COMMAND, language="sql"),
        step("3. Remove server logs that are older than a week:", kind=STEP, number=3),
        step(
            "kubectl -n $NAMESPACE exec $POD -- find /data/log -name '*.log' -mtime +7 -delete",
            kind=COMMAND,
            language="bash",
            destructive="deletes the files that find lists; there is no undo",
        ),
        step("4. Confirm that `node_filesystem_avail_bytes` rises.", kind=STEP, number=4),
        said(
            DISK,
            "| `rm -rf /data/wal/*` | The database cannot start without its log. |",
            3,
            headings=never,
            kind=ROW,
            header=header,
        ),
        said(
            DISK,
            "| `kubectl delete pvc data-orders-0` | Deletes the disk of the primary. |",
            3,
            headings=never,
            kind=ROW,
            header=header,
        ),
    ]
    return _answer(
        RUNBOOK_QUESTION,
        Outcome.ANSWERED,
        "A current runbook names the alert and gives its steps.",
        statements,
        confidence=Confidence(
            words="high", reasons=["The alert's name stands in the evidence.", "The runbook is current."]
        ),
        warnings=["A superseded document says something else: handbook/runbooks/orders-clean-up.md."],
    )


def conflict_answer() -> Answer:
    """Return two documents that give different numbers."""
    return _answer(
        CONFLICT_QUESTION,
        Outcome.CONFLICT,
        "Two current documents give different thresholds: 85 % and 90 %.",
        [
            said(DISK, "`OrdersDiskAlmostFull` fires at 85 % of the data volume.", 1, headings=[DISK.title]),
            said(DATA_STORES, "The orders database pages at 90 % of its volume.", 2, headings=["Where data lives"]),
        ],
        confidence=Confidence(words="low", reasons=["The sources disagree."]),
        missing=["Which of the two is in force: the alert's own rule would settle it."],
    )


def partial_answer() -> Answer:
    """Return one half of what was asked, and name the other."""
    return _answer(
        PARTIAL_QUESTION,
        Outcome.PARTIAL,
        "The owner is named; nothing about backups was found.",
        [said(DATA_STORES, "Its owner is team-platform.", 1, headings=["Where data lives"])],
        confidence=Confidence(words="moderate", reasons=["One source only."]),
        missing=["backed up: no passage about `orders` mentions it"],
        nearest=[OLD.hit("Stop the writer, then remove `/data/wal` by hand.")],
    )


def hostile_answer() -> Answer:
    """Return a sentence that carries markup."""
    sentence = "<script>window.hacked = true</script> is how the page was *defaced* in 2024."
    return _answer(
        HOSTILE_QUESTION,
        Outcome.ANSWERED,
        "One postmortem <b>says</b> so.",
        [said(DEFACED, sentence, 1, headings=["Notes <script>window.hacked = true</script>"])],
        confidence=Confidence(words="moderate"),
        warnings=["<img src=x onerror='window.hacked = true'>"],
    )


def abstained_answer(question: str = UNKNOWN_QUESTION) -> Answer:
    """Return nothing but the nearest documents."""
    return _answer(
        question,
        Outcome.ABSTAINED,
        "No document mentions CheckoutQueueStuck.",
        [],
        confidence=Confidence(words="none"),
        missing=["CheckoutQueueStuck"],
        nearest=[
            DISK.hit("`OrdersDiskAlmostFull` fires at 85 % of the data volume."),
            OLD.hit("Stop the writer, then remove `/data/wal` by hand."),
        ],
    )


def _answer(
    question: str,
    outcome: Outcome,
    reason: str,
    statements: list[Statement],
    *,
    confidence: Confidence,
    missing: list[str] | None = None,
    nearest: list[SearchHit] | None = None,
    warnings: list[str] | None = None,
) -> Answer:
    return Answer(
        id=f"answer-{outcome.value}",
        question=question,
        outcome=outcome,
        reason=reason,
        statements=statements,
        confidence=confidence,
        missing=missing or [],
        nearest=nearest or [],
        warnings=warnings or [],
        generation=7,
        took_ms=31.4,
    )


def hits_of(answer: Answer) -> list[SearchHit]:
    """Return what the answer cites, and one passage more that it does not cite."""
    cited = {c.passage_id: c for statement in answer.statements for c in statement.citations}
    hits = [SearchHit(**c.model_dump(exclude={"number"}), score=1.0, legs=["dense"]) for c in cited.values()]
    return [*hits, OLD.hit("The alert fires at 95 % of the data volume.")]
