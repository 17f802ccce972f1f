"""What the fault matrix works on: two versions of 76 small documents, and the folder that holds them."""

import os
import random
from collections.abc import Mapping
from pathlib import Path

SOURCE = "docs"
PAGES = 76
_UNCHANGED = 10  # every so manieth document is the same in both versions
_SECTIONS = 3
_WORDS = ("pump", "gate", "relay", "queue", "shard", "drain", "spool", "probe", "lease", "vault", "beacon", "cache")


def version(number: int) -> dict[str, str]:
    """Return the documents of version 1 or 2 by path: 2 changes nine of ten, drops two and adds two.

    That is more than a run reads in one batch.
    """
    pages = range(PAGES) if number == 1 else (*range(2), *range(4, PAGES), PAGES, PAGES + 1)
    return {f"page{page:03}.md": _page(page, 1 if page % _UNCHANGED == 0 else number) for page in pages}


def probes() -> dict[str, str]:
    """Return questions with the path of the only right answer: documents that both versions hold unchanged."""
    return {f"runbook {_name(page)}": f"page{page:03}.md" for page in range(0, PAGES, _UNCHANGED)}


def write_documents(folder: Path, documents: Mapping[str, str]) -> None:
    """Make `folder` hold exactly these documents; one that is there already keeps its time."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.iterdir():
        if file.name not in documents:
            file.unlink()
    for path, text in documents.items():
        file = folder / path
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


def date_files(folder: Path, moment: float) -> None:
    """Give every file below `folder` one time of change, in seconds since 1970."""
    for file in folder.iterdir():
        os.utime(file, (moment, moment))


def _page(page: int, edition: int) -> str:
    rng = random.Random(f"{page} {edition}")
    parts = [
        f"## Part {part}\n\nEdition {edition} of {_name(page)}, part {part}: {' '.join(rng.choices(_WORDS, k=50))}.\n"
        for part in range(_SECTIONS)
    ]
    return f"# Runbook {_name(page)}\n\n" + "\n".join(parts)


def _name(page: int) -> str:
    return "".join("bcdfghjklm"[int(digit)] + "aeiouaeiou"[int(digit)] for digit in f"{page:03}") + "x"
