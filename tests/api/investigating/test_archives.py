"""Archives that were sent: plain files come out, everything else is refused, and nothing lands outside."""

import gzip
import io
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from api.errors import UsageError
from api.investigating.archives import ArchiveLimits, unpack

SMALL = ArchiveLimits(total_bytes=100_000, entries=20)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "unpacked"
    made.mkdir()
    return made


def _tar(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for member, content in members:
            member.size = len(content) if member.isreg() else 0
            tar.addfile(member, io.BytesIO(content))
    return path


def _member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def _zip(path: Path, *entries: tuple[zipfile.ZipInfo | str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for entry, content in entries:
            file.writestr(entry, content)
    return path


def _names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_tar_and_a_zip_give_their_files(tmp_path: Path, folder: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()

    unpack(_tar(tmp_path / "a", (_member("b/case.json"), b"{}"), (_member("./b/x/log"), b"1")), folder, SMALL)
    unpack(_zip(tmp_path / "z", ("b/case.json", b"{}"), ("b/x/", b""), ("b/x/log", b"1")), other, SMALL)

    assert _names(folder) == _names(other) == ["b/case.json", "b/x/log"]
    assert (folder / "b/case.json").read_bytes() == (other / "b/case.json").read_bytes() == b"{}"


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "a/../../evil",
        "/etc/evil",
        "C:/evil",
        "a\\..\\evil",
        "a/\x01b",
        "d/" * 17 + "f",
        "n" * 201,
        "a/..",
        "..",
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(tmp_path: Path, folder: Path, name: str) -> None:
    with pytest.raises(UsageError, match="upload holds the path"):
        unpack(_tar(tmp_path / "a", (_member(name), b"x")), folder, SMALL)
    with pytest.raises(UsageError, match="upload holds the path"):
        unpack(_zip(tmp_path / "z", (name, b"x")), folder, SMALL)

    assert _names(tmp_path) == ["a", "z"]


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, b"S"]
)
def test_a_tar_with_anything_but_files_and_folders_is_refused(tmp_path: Path, folder: Path, kind: bytes) -> None:
    with pytest.raises(UsageError, match=r"no plain file or folder|no whole \.tar\.gz"):
        unpack(_tar(tmp_path / "a", (_member("link", kind, "/etc/passwd"), b"")), folder, SMALL)

    assert _names(folder) == []


def test_a_zip_with_a_link_or_a_password_is_refused(tmp_path: Path, folder: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    locked = _zip(tmp_path / "locked", ("a", b"x"))
    data = bytearray(locked.read_bytes())
    data[data.find(b"PK\x01\x02") + 8] |= 1
    locked.write_bytes(bytes(data))

    for archive in (_zip(tmp_path / "z", (link, b"/etc/passwd")), locked):
        with pytest.raises(UsageError, match="no plain file or folder"):
            unpack(archive, folder, SMALL)


def test_a_bomb_stops_at_the_limit_whatever_it_says_of_its_size(tmp_path: Path, folder: Path) -> None:
    bomb = _zip(tmp_path / "z", ("zeros", b"\0" * 5_000_000))
    lying = bytearray(bomb.read_bytes())
    struct.pack_into("<L", lying, lying.find(b"PK\x01\x02") + 24, 10)
    liar = tmp_path / "liar"
    liar.write_bytes(bytes(lying))

    for archive in (bomb, liar, _tar(tmp_path / "a", (_member("zeros"), b"\0" * 5_000_000))):
        with pytest.raises(UsageError, match=r"unpacks to more than|no whole \.zip"):
            unpack(archive, folder, SMALL)

    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) <= SMALL.total_bytes
    assert not list(tmp_path.glob("*.tar"))


def test_many_entries_are_refused(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(UsageError, match="more than 20 entries"):
        unpack(_tar(tmp_path / "a", *((_member(f"f{number}"), b"") for number in range(21))), folder, SMALL)
    with pytest.raises(UsageError, match="more than 20 entries"):
        unpack(_zip(tmp_path / "z", *((f"f{number}" * 100, b"") for number in range(300))), folder, SMALL)


def test_a_header_that_says_it_is_huge_is_not_read(tmp_path: Path, folder: Path) -> None:
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 8_000_000_000
    archive = tmp_path / "a"
    archive.write_bytes(gzip.compress(header.tobuf(tarfile.GNU_FORMAT) + b"\0" * 4096))

    with pytest.raises(UsageError, match="header that is too long"):
        unpack(archive, folder, SMALL)


@pytest.mark.parametrize(
    "change", [lambda data: data[: len(data) // 2], lambda data: data[:40] + b"\xff" * 8 + data[48:]]
)
@pytest.mark.parametrize("make", [_tar, _zip])
def test_what_is_cut_off_or_damaged_is_told_so(
    tmp_path: Path, folder: Path, make: Callable[..., Path], change: Callable[[bytes], bytes]
) -> None:
    named = _member("case.json") if make is _tar else "case.json"
    archive = make(tmp_path / "a", (named, bytes(range(256)) * 40))
    archive.write_bytes(change(archive.read_bytes()))

    with pytest.raises(UsageError, match="upload"):
        unpack(archive, folder, SMALL)


@pytest.mark.parametrize("content", [b"", b"PK", b"\x1f\x8b", b"hello", b"PK\x05\x06", b"\x1f\x8b\x08" + b"\0" * 50])
def test_what_is_no_archive_is_told_so(tmp_path: Path, folder: Path, content: bytes) -> None:
    archive = tmp_path / "a"
    archive.write_bytes(content)

    with pytest.raises(UsageError, match="upload"):
        unpack(archive, folder, SMALL)


def test_the_same_name_twice_is_refused(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(UsageError, match="twice"):
        unpack(_tar(tmp_path / "a", (_member("f"), b"1"), (_member("./f"), b"2")), folder, SMALL)
    with pytest.raises(UsageError, match="twice"):
        unpack(_tar(tmp_path / "b", (_member("g"), b"1"), (_member("g", tarfile.DIRTYPE), b"")), folder, SMALL)
    with pytest.raises(UsageError, match="twice"):
        unpack(_tar(tmp_path / "c", (_member("h"), b"1"), (_member("h/i"), b"2")), folder, SMALL)
