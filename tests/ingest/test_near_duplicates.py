"""Which documents repeat each other, and which of them leads."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from ingest.knowledge.documents import DocumentStatus
from ingest.near_duplicates import Candidate, group_duplicates, leaders_after, signature

_DAY = datetime(2024, 5, 1, tzinfo=UTC)


def words(seed: int, count: int = 300) -> list[str]:
    """Return words that make a text like no other."""
    random = Random(seed)
    return [f"word{random.randint(0, 4000)}" for _ in range(count)]


def candidate(name: str, text: str, **facts: object) -> Candidate:
    """Return a current document without a date."""
    plain = Candidate(name, signature(text), "docs", DocumentStatus.CURRENT, None, f"{name}.md", "Runbook")
    return replace(plain, **facts)  # type: ignore[arg-type]  # each test names fields of a candidate


def edited(text: list[str], share: float) -> str:
    """Return the words with a stretch at the end replaced."""
    kept = int(len(text) * (1 - share))
    return " ".join([*text[:kept], *words(99, len(text) - kept)])


def test_the_same_words_in_other_layout_are_the_same() -> None:
    text = " ".join(words(1))

    assert signature(text) == signature(text.upper().replace(" ", ",\n  "))


def test_a_signature_is_the_same_in_another_process() -> None:
    text = " ".join(words(1))
    code = f"from ingest.near_duplicates import signature; print(signature({text!r}).hex())"

    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    assert other.stdout.strip() == signature(text).hex()


def test_a_text_without_words_has_no_signature() -> None:
    assert signature(" \n--- ") == b""


def test_a_document_with_a_small_edit_repeats_the_other() -> None:
    text = words(1)

    (group,) = group_duplicates([candidate("a", " ".join(text)), candidate("b", edited(text, 0.03))])

    assert (group.leader, [other.id for other in group.others]) == ("a", ["b"])
    assert 0.85 <= group.others[0].similarity < 1


def test_two_alike_pages_of_different_names_stay_apart() -> None:
    text = words(1)
    add = candidate("add", " ".join(text), title="shop source add")
    remove = candidate("remove", edited(text, 0.03), title="shop source remove")

    assert group_duplicates([add, remove]) == ()
    assert group_duplicates([add, replace(remove, path="wiki/Add.html")]) != ()


def test_a_document_that_shares_half_its_words_does_not() -> None:
    text = words(1)

    assert group_duplicates([candidate("a", " ".join(text)), candidate("b", edited(text, 0.5))]) == ()


def test_short_documents_repeat_each_other_only_where_they_are_the_same() -> None:
    text = words(1, 30)
    others = [candidate("b", edited(text, 0.04)), candidate("c", " ".join(text))]

    (group,) = group_duplicates([candidate("a", " ".join(text)), *others])

    assert [other.id for other in group.others] == ["c"]


def test_the_current_one_leads_then_the_newest_then_the_first_source_then_the_first_path() -> None:
    text = " ".join(words(1))
    documents = [
        candidate("old status", text, status=DocumentStatus.DEPRECATED, updated_at=_DAY + timedelta(days=9)),
        candidate("superseded", text, status=DocumentStatus.SUPERSEDED, updated_at=_DAY + timedelta(days=9)),
        candidate("b path", text, updated_at=_DAY, source="wiki"),
        candidate("a path", text, updated_at=_DAY, source="wiki"),
        candidate("other source", text, updated_at=_DAY, source="git"),
        candidate("older", text, updated_at=_DAY - timedelta(days=1), source="wiki"),
        candidate("undated", text, source="wiki"),
    ]
    leaders = []

    while len(documents) > 1:
        (group,) = group_duplicates(documents, order=["wiki", "git"])
        leaders.append(group.leader)
        documents = [one for one in documents if one.id != group.leader]

    assert leaders == ["a path", "b path", "other source", "older", "undated", "old status"]


def test_a_chain_of_edits_makes_groups_in_which_each_is_like_its_leader() -> None:
    text = words(1)
    chain = []
    for number in range(12):
        text = [*text[: number * 20], *words(1000 + number, 20), *text[number * 20 + 20 :]]
        chain.append(candidate(f"{number:02}", " ".join(text)))

    groups = group_duplicates(chain)

    members = [group.leader for group in groups] + [other.id for group in groups for other in group.others]
    assert len(members) == len(set(members))
    assert all(other.similarity >= 0.85 for group in groups for other in group.others)


def test_the_order_of_the_candidates_changes_nothing() -> None:
    text = words(1)
    documents = [candidate(str(number), edited(text, 0.01 * number)) for number in range(8)]

    assert group_duplicates(documents) == group_duplicates(documents[::-1])


def test_a_run_that_touches_few_documents_groups_as_one_over_all_does() -> None:
    page = "Restart the service, look at the log and page the team that owns it. " * 12
    texts = {f"d{number}": f"{page} Family {number % 7}. " * (1 + number % 7) for number in range(40)}

    def made() -> list[Candidate]:
        return [
            Candidate(
                key, signature(text), "wiki", DocumentStatus.CURRENT, None, f"{key}/guide.md", "Guide to restarts"
            )
            for key, text in texts.items()
        ]

    before = leaders_after(made(), {}, texts)
    texts["d3"] = "Something else altogether, about the weather and the sea in winter. " * 20
    texts["d41"] = texts["d8"]
    del texts["d0"]

    again = leaders_after(made(), before, {"d0", "d3", "d41"})

    assert again == leaders_after(made(), {}, [str(number) for number in range(100)])
