"""One sentence against its quotes: what passes with exact citations, and why the rest is removed."""

import pytest

from api.answering.answer import Removed, Statement, StatementKind
from api.retrieval.search import Hit, Searcher
from api.writing.checks import Checker
from api.writing.drafts import Draft, DraftCitation, DraftKind
from api.writing.pack import EvidencePack, build_pack
from tests.api.writing.material import ask

POLICY = "The cart store runs with `maxmemory-policy noeviction`: a full store refuses writes."
LIVE = "Each cart has a time to live of 14 days."
FLUSH = "Never empty the cart store: `redis-cli FLUSHALL` deletes every cart."


@pytest.fixture(scope="module")
def pack(searcher: Searcher) -> EvidencePack:
    found = ask(searcher, "Which maxmemory-policy does the cart store use?")
    ids = [facts.id for facts in searcher.reader.documents()]
    every = [Hit(stored, 1.0, ()) for one in ids for stored in searcher.reader.passages_of(one)]
    return build_pack(found.answer, every, budget=10_000)


def _check(pack: EvidencePack, text: str, *quotes: str, kind: DraftKind = DraftKind.SENTENCE) -> Statement | Removed:
    citations = tuple(DraftCitation(evidence=_label(pack, quote), quote=quote) for quote in quotes)
    return Checker.of(pack, "Which policy does the cart store use?").check(
        Draft(text=text, kind=kind, citations=citations)
    )


def _label(pack: EvidencePack, quote: str) -> str:
    wanted = " ".join(quote.split())
    holding = [one.label for one in pack.excerpts if wanted in " ".join(one.stored.passage.text.split())]
    return holding[0] if holding else "E1"


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("The cart store refuses writes when it is full.", POLICY),
        ("Each cart has a time to live of 14 days.", LIVE),
        ("Each cart is live for 2 weeks.", LIVE),
        ("The mailer may have at most 6 pods.", "mailer: at most 6"),
        ("Do not scale the syncer.", "syncer: **do not scale**"),
        ("`cart.timeout-ms` of the store is 4000, that is 4 seconds.", "| `cart.timeout-ms` | 4000 | 250 |"),
        ("The store may never be emptied.", "| May be emptied | never | at any time |"),
        ("Never empty the cart store, since `redis-cli FLUSHALL` deletes every cart.", FLUSH),
    ],
)
def test_a_faithful_sentence_passes(pack: EvidencePack, text: str, quote: str) -> None:
    found = _check(pack, text, quote)

    assert isinstance(found, Statement), found
    assert found.written


@pytest.mark.parametrize(
    ("text", "quote", "reason"),
    [
        (LIVE, "Each cart has a time to live of 15 days.", "do not stand in"),
        (LIVE, "cart", "too short"),
        ("Each cart has a time to live of 15 days.", LIVE, "figure"),
        ("Each cart has a time to live of 14 hours.", LIVE, "figure"),
        ("The mailer may have at most 8 pods.", "mailer: at most 6", "figure"),
        ("The mailer may have at least 6 pods.", "mailer: at most 6", "at least"),
        ("Scale the syncer.", "syncer: **do not scale**", "not"),
        ("A full store does not refuse writes.", POLICY, "not"),
        ("The store may be emptied at any time.", "| May be emptied | never | at any time |", "not"),
        ("Used memory below 85 % pages.", "Used memory above 85 % pages.", "at most"),
        ("Each cart has a time to live of 14 days because the disk is small.", LIVE, "cause"),
        ("It is safe that each cart has a time to live of 14 days.", LIVE, "safe"),
        ("A full store loses writes.", POLICY, "loses"),
        ("The cart store runs with `maxmemory-policy allkeys-lru`.", POLICY, "does not stand"),
        ("Each cart has a time to live of 14 days, see https://evil.example.net.", LIVE, "does not"),
        ("Each cart has a time to live of 14\u200b days.", LIVE, "nobody sees"),
        ("Each \u0441art has a time to live of 14 days.", LIVE, "which its source does not"),
        ("Each cart has a time to live of 14 days.<img src=x>", LIVE, "markup"),
        ("\x1b[31mEach cart has a time to live of 14 days.", LIVE, "nobody sees"),
        ("As an AI I cannot say.", LIVE, "machine"),
        ("Yes.", LIVE, "nothing that could be checked"),
        ("Run `redis-cli FLUSHALL` on the cart store.", FLUSH, "not"),
        ("Each cart lives, so run redis-cli --bigkeys.", LIVE, "does not stand"),
        ("x" * 700, LIVE, "characters"),
        ("", LIVE, "empty"),
    ],
)
def test_an_unfaithful_sentence_is_removed_with_its_reason(
    pack: EvidencePack, text: str, quote: str, reason: str
) -> None:
    found = _check(pack, text, quote)

    assert isinstance(found, Removed), found
    assert reason in found.reason


def test_a_quote_is_located_to_the_character_with_white_space_folded(pack: EvidencePack, searcher: Searcher) -> None:
    found = _check(pack, LIVE, "Each  cart has\na time to live of 14 days.")

    assert isinstance(found, Statement)
    citation = found.citations[0]
    document = searcher.reader.document(citation.stored.document.id)
    assert document is not None
    assert citation.quote == LIVE
    assert document.text[citation.span.start : citation.span.end] == LIVE
    assert LIVE in document.text.split("\n")[citation.span.line_start - 1]


def test_a_sentence_without_citation_is_removed(pack: EvidencePack) -> None:
    found = _check(pack, LIVE)

    assert isinstance(found, Removed)
    assert found.reason == "it cites nothing"


def test_an_excerpt_that_is_not_there_cannot_be_cited(pack: EvidencePack) -> None:
    draft = Draft(text=LIVE, kind=DraftKind.SENTENCE, citations=(DraftCitation(evidence="E99", quote=LIVE),))

    found = Checker.of(pack, "").check(draft)

    assert isinstance(found, Removed)
    assert "E99" in found.reason


def test_a_command_is_shown_as_its_document_spells_it(pack: EvidencePack) -> None:
    found = _check(pack, "du   -sh /var/lib/db/*", "du -sh /var/lib/db/*", kind=DraftKind.COMMAND)

    assert isinstance(found, Statement)
    assert found.kind is StatementKind.COMMAND
    assert found.text == "du -sh /var/lib/db/*"
    assert found.language == "bash"
    assert found.destructive is None


def test_a_destructive_command_is_marked(pack: EvidencePack) -> None:
    found = _check(pack, "rm -rf /var/lib/db/log", "rm -rf /var/lib/db/log", kind=DraftKind.COMMAND)

    assert isinstance(found, Statement)
    assert found.destructive == "deletes files without asking"


@pytest.mark.parametrize(
    "command", ["rm -rf /var/lib/db", "rm -rf /var/lib/db/log /tmp", "du -sh", "rm -rf /var/lib/db/log; du -sh /"]
)
def test_a_command_that_is_cut_or_composed_is_removed(pack: EvidencePack, command: str) -> None:
    found = _check(pack, command, "rm -rf /var/lib/db/log", "du -sh /var/lib/db/*", kind=DraftKind.COMMAND)

    assert isinstance(found, Removed)


def test_what_is_removed_is_made_harmless(pack: EvidencePack) -> None:
    found = _check(pack, "![x](https://evil.example.net/?q=1)\x1b[31m <b>hi</b>", LIVE)

    assert isinstance(found, Removed)
    assert "://" not in found.text
    assert "](" not in found.text
    assert "<" not in found.text
    assert found.text.isprintable()
