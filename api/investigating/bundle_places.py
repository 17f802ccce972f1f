"""Where bundles lie: in the folder that the settings name, or among those that were sent here."""

import shutil
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from api.errors import NotFound, UsageError
from api.investigating.archives import ArchiveLimits, unpack
from ingest.errors import StorageFailed

_SENT = "upload:"
_LIVE = "live:"
_MOST_FILES = 20_000  # looked at for links that lead out


class Incoming:
    """An upload on its way into a file; raises UsageError once it is larger than `most` bytes."""

    def __init__(self, path: Path, file: IO[bytes], most: int) -> None:
        self.path = path
        self._file, self._most, self._size = file, most, 0

    def write(self, piece: bytes) -> None:
        """Take the next bytes."""
        self._size += len(piece)
        if self._size > self._most:
            raise UsageError(
                f"the upload is larger than {self._most:,} bytes; send a shorter window of telemetry, or put the "
                "folder into GROUNDWATCH_BUNDLES_DIR"
            )
        self._file.write(piece)

    def close(self) -> None:
        """Say that all came."""
        self._file.close()


@dataclass(frozen=True, slots=True)
class BundlePlaces:
    """Turns the name of a bundle into its folder; `bundles` may be unset, `uploads` belongs to Groundwatch.

    `most_sent` is the size in bytes of the largest archive that is received.
    """

    bundles: Path | None
    uploads: Path
    limits: ArchiveLimits = field(default_factory=ArchiveLimits)
    most_sent: int = 200_000_000

    @property
    def live(self) -> Path:
        """The folder of what live sources told."""
        return self.uploads.with_name("live")

    def new_live(self) -> tuple[str, Path]:
        """Return the name of a new live case and its folder, which is not there yet."""
        name = uuid.uuid4().hex
        return f"{_LIVE}{name}", self.live / name

    def is_live(self, reference: str) -> bool:
        """Tell whether a bundle is what live sources told, or will tell."""
        return reference.startswith(_LIVE)

    def folder(self, reference: str) -> Path:
        """Return the folder of a bundle, which lies inside its place whatever links there are.

        Raises UsageError for a name that leads elsewhere, NotFound where there is none.
        """
        if reference.startswith(_SENT):
            return _inside(self.uploads, reference.removeprefix(_SENT), reference)
        if reference.startswith(_LIVE):
            return _inside(self.live, reference.removeprefix(_LIVE), reference)
        if self.bundles is None:
            raise UsageError(
                f"bundle {reference!r} can't be opened: GROUNDWATCH_BUNDLES_DIR is not set; set it to the folder of "
                "recorded bundles, or send the bundle as a .tar.gz or .zip"
            )
        return _inside(self.bundles, reference, reference)

    def receive(self, archive: Path) -> str:
        """Unpack an archive and return the name of its bundle; it is there as a whole or not at all.

        Raises UsageError and StorageFailed as `unpack` does.
        """
        name = uuid.uuid4().hex
        fresh = self.uploads / f".{name}"
        try:
            fresh.mkdir(parents=True)
            unpack(archive, fresh, self.limits)
            if not any(fresh.iterdir()):
                raise UsageError("the upload holds no file; pack the bundle's folder")
            fresh.rename(self.uploads / name)
        except OSError as error:
            raise StorageFailed(
                f"cannot keep the upload in {str(self.uploads)!r}: {error.strerror}; check free space and permissions"
            ) from error
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        # Most archives hold one folder, which then is the bundle.
        within = list((self.uploads / name).iterdir())
        return f"{_SENT}{name}/{within[0].name}" if len(within) == 1 and within[0].is_dir() else f"{_SENT}{name}"

    @contextmanager
    def receiving(self) -> Iterator["Incoming"]:
        """Yield a file that an upload is written to; it is removed at the end. Raises StorageFailed."""
        path = self.uploads / f".{uuid.uuid4().hex}.part"
        try:
            self.uploads.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                yield Incoming(path, file, self.most_sent)
        except OSError as error:
            raise StorageFailed(
                f"cannot receive an upload in {str(self.uploads)!r}: {error.strerror}; check free space and permissions"
            ) from error
        finally:
            path.unlink(missing_ok=True)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Yield an empty folder that is removed at the end; one that is left over is swept later."""
        path = self.uploads / f".{uuid.uuid4().hex}"
        try:
            path.mkdir(parents=True)
        except OSError as error:
            raise StorageFailed(
                f"cannot write in {str(self.uploads)!r}: {error.strerror}; check free space and permissions"
            ) from error
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def remove(self, reference: str) -> None:
        """Remove a bundle that was sent, or what live sources told; others belong to somebody else and stay."""
        for prefix, place in self._own():
            name = PurePosixPath(reference.removeprefix(prefix)).parts
            if reference.startswith(prefix) and name and not {".", ".."} & set(name):
                shutil.rmtree(place / name[0], ignore_errors=True)

    def sweep(self, references: Collection[str], *, before: float) -> int:
        """Remove what came before a time (seconds since the epoch) and that nothing names; return how many."""
        return sum(_swept(place, _first_parts(references, prefix), before) for prefix, place in self._own())

    def _own(self) -> tuple[tuple[str, Path], ...]:
        return (_SENT, self.uploads), (_LIVE, self.live)


def _first_parts(references: Collection[str], prefix: str) -> set[str]:
    return {PurePosixPath(one.removeprefix(prefix)).parts[0] for one in references if one.startswith(prefix)}


def _swept(place: Path, named: Collection[str], before: float) -> int:
    if not place.is_dir():
        return 0
    left = [one for one in place.iterdir() if one.name not in named and one.lstat().st_mtime < before]
    for one in left:
        if one.is_dir() and not one.is_symlink():
            shutil.rmtree(one, ignore_errors=True)
        else:
            one.unlink(missing_ok=True)
    return len(left)


def _inside(place: Path, name: str, reference: str) -> Path:
    """Return the folder `name` of a place; raises UsageError where it leads out of it, NotFound where it isn't."""
    parts = name.split("/")
    if not name or ".." in parts or "" in parts[:-1] or any(ord(sign) < 32 or sign == "\\" for sign in name):
        raise UsageError(
            f"{reference[:200]!r} is no path inside the folder of bundles; give one like team/incident, without .."
        )
    try:
        root = place.resolve(strict=True)
        folder = (root / name).resolve(strict=True)
        if not folder.is_relative_to(root):
            raise UsageError(f"bundle {reference[:200]!r} leads out of the folder of bundles; copy it there")
        if folder == root or not folder.is_dir():
            raise NotFound(f"bundle {reference[:200]!r} is no folder; give the folder that holds the recording")
        _check_links(folder, root, reference)
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: a link that leads to itself
        raise NotFound(
            f"there is no bundle {reference[:200]!r} any more, or it can't be read; see what lies in "
            "GROUNDWATCH_BUNDLES_DIR"
        ) from error
    return folder


def _check_links(folder: Path, root: Path, reference: str) -> None:
    """Refuse a bundle whose files are links to outside of the place."""
    for number, path in enumerate(folder.rglob("*")):
        if number >= _MOST_FILES:
            raise UsageError(f"bundle {reference[:200]!r} holds more than {_MOST_FILES:,} files; give one incident")
        if path.is_symlink() and not path.resolve().is_relative_to(root):
            raise UsageError(f"bundle {reference[:200]!r} holds a link out of the folder of bundles: {path.name!r}")
