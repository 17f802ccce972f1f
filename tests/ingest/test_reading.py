"""Each kind of bad file is one row with a reason, never the end of a run."""

import hashlib
import io
import re
from collections.abc import Mapping

import pytest
from pypdf import PdfWriter
from reportlab.pdfgen.canvas import Canvas

from ingest.changes import diff
from ingest.knowledge.documents import DocumentKind
from ingest.knowledge.manifest import DocumentState
from ingest.reading import Reader, Reading, recipe_of
from ingest.sources.source import SourceEntry
from tests.fakes import FakeEmbedder, FakeSource


def locked_pdf() -> bytes:
    plain = io.BytesIO()
    canvas = Canvas(plain)
    canvas.drawString(100, 700, "Secret runbook")
    canvas.save()
    writer = PdfWriter(clone_from=plain)
    writer.encrypt("secret", algorithm="AES-256")
    locked = io.BytesIO()
    writer.write(locked)
    return locked.getvalue()


BAD = {
    "empty.md": (b"", "is empty"),
    "blank.md": (b" \n\t\n", "is empty"),
    "binary.md": (bytes(range(256)) * 10, "binary|text"),
    "program": (b"\x7fELF\x02\x01\x01" + b"\x00" * 200, "binary|text|format"),
    "cut.pdf": (b"%PDF-1.7\n1 0 obj\n<<", "PDF"),
    "locked.pdf": (locked_pdf(), "password"),
    "cut.docx": (b"PK\x03\x04" + b"\x00" * 100, "."),
    "front.md": (b"---\ntitle: x\n---\n", "front matter|no text"),
    "huge.md": (b"x" * 5001, "over the limit of 0.0 MB; split it, or raise GROUNDWATCH_MAX_DOCUMENT_BYTES"),
}


@pytest.mark.parametrize("path", BAD)
def test_a_bad_file_is_a_row_with_its_reason(path: str) -> None:
    data, reason = BAD[path]

    (reading,) = read({path: data})

    assert reading.row.state is DocumentState.FAILED
    assert reading.document is None
    assert re.search(reason, reading.row.reason)


def test_bad_files_do_not_stop_the_good_ones_between_them() -> None:
    documents = {path: data for path, (data, _) in BAD.items()} | {"good.md": b"# Good\n\nText.\n"}

    indexed = [reading.row.path for reading in read(documents) if reading.document]

    assert indexed == ["good.md"]


def test_a_file_in_an_old_encoding_is_read_with_a_warning() -> None:
    (reading,) = read({"alt.md": "# Störung\n\nPrüfe die Datenbank für Köln.\n".encode("cp1252")})

    assert reading.document is not None
    assert "Prüfe" in reading.document.text
    assert reading.row.warnings


def test_a_huge_file_is_not_even_fetched() -> None:
    source = FakeSource({"huge.md": b"x" * 5001})

    reader_of(source).read(source.snapshot().entries[0])

    assert source.fetched == []


def test_an_entry_that_its_source_has_a_problem_with_fails_with_that_reason() -> None:
    source = FakeSource({})

    reading = reader_of(source).read(SourceEntry("x.md", "1", 0, problem="has a name that is not UTF-8; rename it"))

    assert reading.row.reason == "has a name that is not UTF-8; rename it"


def test_paths_of_any_script_are_kept_as_they_are() -> None:
    (reading,) = read({"Störungen/断线 🔥.md": "# 断线\n\nCheck.\n".encode()})

    assert reading.document is not None
    assert reading.document.facts.path == "Störungen/断线 🔥.md"


def test_a_document_without_a_heading_is_named_by_its_file() -> None:
    (reading,) = read({"ops/disk_full-node.md": b"Just text.\n"})

    assert reading.row.title == "disk full node"


def test_the_revision_is_the_start_of_the_digest_of_the_bytes() -> None:
    (reading,) = read({"a.md": b"Text.\n"})

    assert reading.row.revision == hashlib.sha256(b"Text.\n").hexdigest()[:12]


def test_the_recipe_changes_with_model_kind_and_link_prefix() -> None:
    recipes = {
        recipe_of("m@1", None, None),
        recipe_of("m@2", None, None),
        recipe_of("m@1", DocumentKind.RUNBOOK, None),
        recipe_of("m@1", None, "https://wiki.example"),
    }

    assert len(recipes) == 4


def read(documents: Mapping[str, bytes]) -> list[Reading]:
    source = FakeSource(documents)
    return reader_of(source).read_all(source.snapshot().entries)


def reader_of(source: FakeSource) -> Reader:
    changes = diff(source.snapshot(), [], {}, recipe="r")
    return Reader(source=source, changes=changes, count_tokens=FakeEmbedder().count_tokens, max_bytes=5000)
