"""Notice when documents of folders change, and say which source they belong to."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from ingest.errors import SourceUnreadable
from ingest.sources.folder import FolderSource

if TYPE_CHECKING:
    from watchfiles import Change


def watch(
    sources: Sequence[FolderSource],
    *,
    settle_seconds: float = 2.0,
    ignored: Sequence[Path] = (),
    stop: Event | None = None,
    poll: bool | None = None,
) -> Iterator[frozenset[str]]:
    """Yield the names of the sources of which documents changed, until `stop` is set.

    Changes that follow each other within `settle_seconds` come together. Files below `ignored` (the data
    folder, which each run writes) and files that no snapshot lists do not count. `poll` looks at the files
    again and again, for file systems that report nothing; None decides by the surroundings. Raises
    SourceUnreadable where a folder cannot be watched.
    """
    import watchfiles

    barred = [path.resolve() for path in ignored]

    def concerns(_: "Change", path: str) -> bool:
        file = Path(path)
        return not any(one == file or one in file.parents for one in barred) and bool(_names(sources, file))

    # watchfiles would wait for ever for one that is not there.
    gone = [str(path) for source in sources for path in source.paths if not path.exists()]
    if gone:
        raise SourceUnreadable(f"{', '.join(map(repr, gone))} cannot be watched: no such file or folder; put it back")
    folders = sorted({path if path.is_dir() else path.parent for source in sources for path in source.paths})
    milliseconds = max(1, round(settle_seconds * 1000))
    try:
        for changes in watchfiles.watch(
            *folders,
            watch_filter=concerns,
            # `step` is the quiet that ends a burst, `debounce` the longest that one may go on.
            step=milliseconds,
            debounce=milliseconds * 10,
            stop_event=stop,
            rust_timeout=500,
            force_polling=poll,
            ignore_permission_denied=True,
        ):
            yield frozenset(name for _, path in changes for name in _names(sources, Path(path)))
    except (OSError, RuntimeError) as error:  # RuntimeError is what its own errors are made from
        raise SourceUnreadable(
            f"the folders of {', '.join(repr(source.name) for source in sources)} cannot be watched: {error}; "
            "raise the system's limit of watches (fs.inotify.max_user_watches), or sync on a schedule"
        ) from error


def _names(sources: Sequence[FolderSource], file: Path) -> list[str]:
    return [source.name for source in sources if source.covers(file)]
