"""Mail archives: what belongs to one talk, what its document says, and mail that breaks every standard."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.errors import DocumentUnavailable, SourceUnreadable, UsageError
from ingest.sources.mail_messages import read_mail, without_quotes
from ingest.sources.mbox import MboxSource
from tests.ingest.sources.archives import Letter, archive


def threads(folder: Path, *letters: Letter) -> dict[str, str]:
    """Return the documents of an archive of these letters by path."""
    source = MboxSource(name="mail", path=archive(folder / "a.mbox", letters))
    return {entry.path: source.fetch(entry.path).decode() for entry in source.snapshot().entries}


def test_a_talk_is_one_document_with_each_mail_under_its_author_and_utc_time(tmp_path: Path) -> None:
    found = threads(
        tmp_path,
        Letter("a1", "Checkout is down", "All requests fail."),
        Letter("a2", "Re: Checkout is down", "Rolled back.", 2, ("a1",), "Grace Hopper <grace@example.com>"),
    )

    ((path, text),) = found.items()
    assert path.startswith("threads/2026-06-01-checkout-is-down-")
    assert text == (
        "# Checkout is down\n\n"
        "## Ada Lovelace, 2026-06-01 08:00 UTC\n\nAll requests fail.\n\n"
        "## Grace Hopper, 2026-06-02 08:00 UTC\n\nRolled back.\n"
    )


def test_an_entry_says_its_title_and_the_time_of_its_newest_mail(tmp_path: Path) -> None:
    file = archive(tmp_path / "a.mbox", [Letter("a1", "Down"), Letter("a2", "Re: Down", day=5, answers=("a1",))])

    (entry,) = MboxSource(name="mail", path=file).snapshot().entries

    assert (entry.title, entry.updated_at) == ("Down", datetime(2026, 6, 5, 8, tzinfo=UTC))


def test_answers_to_answers_and_to_mails_that_are_not_there_are_one_talk(tmp_path: Path) -> None:
    found = threads(
        tmp_path,
        Letter("a3", "AW: Down", day=3, answers=("gone", "a2")),
        Letter("a2", "Re: Down", day=2, answers=("gone",)),
    )

    assert len(found) == 1


def test_the_path_stays_when_an_answer_comes_even_one_with_a_wrong_clock(tmp_path: Path) -> None:
    root = Letter("a1", "Down", day=9)

    before = threads(tmp_path, root)
    after = threads(tmp_path, Letter("a2", "Re: Down", day=1, answers=("a1",)), root)

    assert before.keys() == after.keys()


def test_a_reply_that_names_no_mail_joins_the_last_talk_of_its_subject(tmp_path: Path) -> None:
    found = threads(tmp_path, Letter("a1", "Down"), Letter("a2", "Re: [External] Down", day=2))

    assert len(found) == 1


def test_the_same_subject_alone_joins_no_talks(tmp_path: Path) -> None:
    found = threads(tmp_path, Letter("a1", "[FIRING] DiskFull"), Letter("b1", "[FIRING] DiskFull", day=2))

    assert len(found) == 2


def test_a_mail_in_two_archives_counts_once(tmp_path: Path) -> None:
    for name in ("a.mbox", "b.mbox"):
        archive(tmp_path / name, [Letter("a1", "Down")])

    assert len(MboxSource(name="mail", path=tmp_path).snapshot().entries) == 1


def test_a_sentence_that_starts_with_from_starts_no_mail(tmp_path: Path) -> None:
    ((_, text),) = threads(
        tmp_path, Letter("a1", "Down", "Seen:\n\nFrom 10:00 on it failed.\n\n>From then on, no.")
    ).items()

    assert "From 10:00 on it failed." in text
    assert "\nFrom then on, no." in text


def test_quoted_text_and_signatures_are_left_out() -> None:
    quote = "On Mon, 1 Jun 2026 at 10:00, Ada\n<ada@example.com> wrote:\n> Shall I?\n>> Eh?\n"

    assert without_quotes(f"Yes, do it.\n\n{quote}\n-- \nGrace\nCTO") == "Yes, do it."


def test_what_stands_below_the_original_message_is_left_out() -> None:
    assert without_quotes("Done.\n\n-----Original Message-----\nFrom: x\nSecret plan") == "Done."


def test_a_mail_of_quotes_only_says_so() -> None:
    assert without_quotes("> a\n> b\n") == "(Only quoted text.)"


def test_headings_rules_and_open_fences_of_a_mail_stay_inside_it(tmp_path: Path) -> None:
    found = threads(
        tmp_path,
        Letter("a1", "Down", "# not a title\nUnderlined\n=====\n---\n```\n# code stays"),
        Letter("a2", "Re: Down", "second", 2, ("a1",)),
    )

    ((_, text),) = found.items()
    assert "\\# not a title\nUnderlined\n\\=====\n\\---\n```\n# code stays\n```\n\n## Ada" in text


def test_the_plain_part_wins_and_attachments_are_named() -> None:
    mail = (
        b"From: =?utf-8?q?J=C3=BCrgen?= <j@example.com>\nContent-Type: multipart/mixed; boundary=B\n\n"
        b"--B\nContent-Type: multipart/alternative; boundary=C\n\n"
        b"--C\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\ngest=F6rt\n"
        b"--C\nContent-Type: text/html\n\n<p>other</p>\n--C--\n"
        b'--B\nContent-Type: image/png\nContent-Disposition: attachment; filename="graph.png"\n\nxx\n--B--\n'
    )

    found = read_mail(mail)

    assert (found.author, found.text, found.attachments) == ("Jürgen", "gestört", ("graph.png",))


def test_words_of_an_html_mail_are_read_without_scripts_and_styles() -> None:
    mail = (
        b"Content-Type: text/html\n\n<style>p{}</style><p>Checkout&nbsp;is <b>down</b></p><script>x()</script><br>Bye"
    )

    assert read_mail(mail).text == "Checkout is down\n\nBye"


@pytest.mark.parametrize(
    "mail",
    [
        b"",
        b"\x00\xff\xfe garbage without headers",
        b"Subject: =?utf-8?b?????=\nDate: 99 Foo 99999 99:99\nFrom: \xff\xfe <<>\n\nx",
        b"Content-Type: text/plain; charset=klingon\n\nqapla",
        b'Content-Type: text/plain; charset="\x00"\n\nx',
        b"Content-Transfer-Encoding: base64\n\n!!!not base64!!!",
        b"Content-Type: multipart/mixed\n\nno boundary",
        b"Content-Type: multipart/mixed; boundary=A\n\n--A\nContent-Type: text/plain\n\ncut off half-w",
        b"Content-Type: text/html\n\n" + b"<div>" * 5000 + b"deep",
        b"Date: Mon, 01 Jun 0000 10:00:00 +9999\n\nx",
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000)) + b"\nx",
    ],
    ids=["empty", "binary", "headers", "charset", "nul charset", "base64", "boundary", "cut", "html", "date", "nested"],
)
def test_broken_mail_is_read_as_far_as_it_goes(mail: bytes) -> None:
    started = time.monotonic()

    found = read_mail(mail)

    assert found.text.encode()
    assert time.monotonic() - started < 5


def test_a_file_that_is_rewritten_after_the_listing_is_read_by_the_next_run(tmp_path: Path) -> None:
    file = archive(tmp_path / "a.mbox", [Letter("a1", "Down"), Letter("b1", "Slow")])
    source = MboxSource(name="mail", path=file)
    path = source.snapshot().entries[0].path
    archive(file, [Letter("b1", "Slow", "Other words."), Letter("c1", "Odd")])

    with pytest.raises(DocumentUnavailable, match="changed after it was listed"):
        source.fetch(path)


def test_a_file_that_is_no_archive_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.mbox").write_bytes(b"\x00\x01 no mail here")
    source = MboxSource(name="mail", path=tmp_path)

    with pytest.raises(SourceUnreadable, match=r"a\.mbox' holds no mail"):
        source.snapshot()
    archive(tmp_path / "b.mbox", [Letter("a1", "Down")])
    assert not source.snapshot().complete


def test_a_folder_without_archives_or_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match="holds no mbox file"):
        MboxSource(name="mail", path=tmp_path).snapshot()
    with pytest.raises(UsageError, match="no such file or folder"):
        MboxSource(name="mail", path=tmp_path / "gone")


def test_thousands_of_mails_are_listed_in_seconds(tmp_path: Path) -> None:
    letters = [Letter(f"m{n}", f"Re: talk {n % 50}", "word " * 50, 1 + n % 28, (f"m{n % 50}",)) for n in range(2000)]
    source = MboxSource(name="mail", path=archive(tmp_path / "a.mbox", letters))
    started = time.monotonic()

    assert len(source.snapshot().entries) == 50
    assert time.monotonic() - started < 5
