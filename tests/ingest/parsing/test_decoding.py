"""Bytes become text, or a reason why not."""

import pytest

from ingest.errors import DocumentUnreadable
from ingest.parsing.decoding import decode


def test_every_kind_of_line_end_becomes_one_newline() -> None:
    assert decode(b"one\r\ntwo\rthree\n").text == "one\ntwo\nthree\n"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks_decide_the_encoding_and_leave_the_text(encoding: str) -> None:
    assert decode("Größe".encode(encoding)).text == "Größe"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("# Café\n\nredémarrer le serveur", "cp1252"),
        ("Перезапустите сервис, если он не отвечает", "cp1251"),
        ("データベースの再起動手順について説明します", "shift_jis"),
    ],
)
def test_a_guessed_encoding_is_named_in_a_warning(text: str, encoding: str) -> None:
    decoded = decode(text.encode(encoding))

    assert decoded.text == text
    assert encoding in decoded.warnings[0]


def test_the_declared_encoding_is_used_when_the_bytes_are_not_utf_8() -> None:
    decoded = decode("Größe".encode("iso-8859-15"), declared="iso-8859-15")

    assert decoded.text == "Größe"
    assert decoded.warnings == ()


def test_an_unknown_declared_encoding_is_passed_over() -> None:
    assert decode("déjà vu".encode("cp1252"), declared="x-nonsense").text == "déjà vu"


def test_one_damaged_byte_does_not_spoil_a_utf_8_file() -> None:
    decoded = decode("Größe über Übung".encode() + b"\xff")

    assert decoded.text == "Größe über Übung\ufffd"
    assert "1 characters" in decoded.warnings[0]


@pytest.mark.parametrize("data", [b"", b" \r\n\t", b"\xef\xbb\xbf\n"])
def test_a_file_without_text_is_empty(data: bytes) -> None:
    with pytest.raises(DocumentUnreadable, match="is empty"):
        decode(data)


@pytest.mark.parametrize("data", [b"text\x00text", bytes(range(1, 32)) * 10])
def test_binary_content_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentUnreadable, match="looks binary"):
        decode(data)
