"""Text PDFs become headings, paragraphs, lists and code again, with the page of each."""

import io
from collections.abc import Sequence

import pytest
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

from ingest.errors import DocumentUnreadable
from ingest.parsing.pdf import render_pdf

_BODY, _BOLD, _CODE = "Helvetica", "Helvetica-Bold", "Courier"
_Line = tuple[str, str, float, float, float]  # text, font, size, x, y


def _pdf(*pages: Sequence[_Line], title: str = "") -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, invariant=1)
    canvas.setTitle(title)
    for page in pages:
        for text, font, size, x, y in page:
            canvas.setFont(font, size)
            canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _body(*lines: str, top: float = 700) -> list[_Line]:
    return [(line, _BODY, 10, 72, top - 12 * number) for number, line in enumerate(lines)]


def test_wrapped_lines_become_paragraphs_under_headings_by_size() -> None:
    data = _pdf(
        [
            ("Ledger outage", _BOLD, 20, 72, 760),
            ("What happened", _BOLD, 14, 72, 730),
            *_body("The primary database ran out of disk because the", "archiver had stopped two days before."),
        ]
    )

    rendered = render_pdf(data)

    assert rendered.title == "Ledger outage"
    assert rendered.text == (
        "# Ledger outage\n\n## What happened\n\n"
        "The primary database ran out of disk because the archiver had stopped two days before."
    )


def test_bullets_and_numbers_at_the_start_of_lines_make_lists() -> None:
    data = _pdf(_body("Do this:", "1. Stop the writers and", "wait a minute", "2. Restore it", "• Tell support"))

    assert render_pdf(data).text == ("Do this:\n\n1. Stop the writers and wait a minute\n2. Restore it\n- Tell support")


def test_lines_in_a_fixed_width_font_are_code_with_their_indent() -> None:
    lines = _body("Run the following command on the primary database host, as the owner:")
    code: list[_Line] = [("kubectl get pods", _CODE, 10, 72, 676), ("--watch", _CODE, 10, 84, 664)]

    assert render_pdf(_pdf([*lines, *code])).text.endswith("```\nkubectl get pods\n  --watch\n```")


def test_addresses_and_words_that_wrapped_become_whole_again() -> None:
    data = _pdf(
        _body(
            "The configuration is described at https://wiki.example.org/operations/",
            "ledger and every con-",
            "figuration change, also a half-",
            "done one, is logged.",
        )
    )

    assert "https://wiki.example.org/operations/ledger and" in render_pdf(data).text
    assert "every configuration change, also a half-done one" in render_pdf(data).text


def test_running_heads_and_page_numbers_are_dropped() -> None:
    pages = [
        [
            ("Incident handbook", _BODY, 9, 72, 800),
            *_body(f"Words of page {word} that matter here."),
            (f"{number} of 3", _BODY, 9, 72, 20),
        ]
        for number, word in enumerate(["one", "two", "three"], start=1)
    ]

    rendered = render_pdf(_pdf(*pages))

    assert rendered.text.split("\n\n") == [
        "Words of page one that matter here.",
        "Words of page two that matter here.",
        "Words of page three that matter here.",
    ]
    assert [rendered.text[start:].split(" ")[3] for start in rendered.page_starts] == ["one", "two", "three"]


def test_a_sentence_that_runs_over_the_page_stays_whole_on_the_first() -> None:
    rendered = render_pdf(_pdf(_body("The archiver had stopped two"), _body("days before.", "", "Next words.")))

    assert rendered.text.startswith("The archiver had stopped two days before.")
    assert rendered.text[rendered.page_starts[1] :] == "Next words."


def test_pages_without_text_are_named_in_a_warning() -> None:
    rendered = render_pdf(_pdf(_body("Words here."), []))

    assert "page 2" in rendered.warnings[0]


def test_a_title_that_is_a_file_name_is_not_taken() -> None:
    assert render_pdf(_pdf(_body("Words here."), title="Microsoft Word - draft.docx")).title is None


def test_a_scanned_file_asks_for_text_recognition() -> None:
    with pytest.raises(DocumentUnreadable, match=r"no text on any of its 2 pages.*OCR"):
        render_pdf(_pdf([], []))


def test_a_file_with_a_password_is_unreadable_and_one_without_reading_limits_is_not() -> None:
    locked = _encrypted(_pdf(_body("Words here.")), "secret")
    restricted = _encrypted(_pdf(_body("Words here.")), "")

    assert render_pdf(restricted).text == "Words here."
    with pytest.raises(DocumentUnreadable, match="password-protected"):
        render_pdf(locked)


def test_a_damaged_file_is_unreadable_and_prints_nothing(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    data = _pdf(_body("Words here."))

    with pytest.raises(DocumentUnreadable, match="damaged PDF"):
        render_pdf(data[:60])

    assert caplog.text == ""
    assert "".join(capfd.readouterr()) == ""


def _encrypted(data: bytes, password: str) -> bytes:
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(data)))
    writer.encrypt(password, "owner", algorithm="AES-256")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()
