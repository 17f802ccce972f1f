"""Names of files that a bundle gives: they lead nowhere but where bundles may keep files."""

from pathlib import Path

from api.errors import TelemetryUnreadable


def pointed(folder: Path, name: str, *, within: Path) -> Path:
    """Return the file that a bundle in `folder` names, which must lie inside `within`, links followed.

    Bundles come from others: a name must not open any other file of this machine. Raises TelemetryUnreadable.
    """
    try:
        file = (folder / name).resolve()
        if not file.is_relative_to(within.resolve()):
            raise TelemetryUnreadable(
                f"{folder} names the file {name!r}, which lies outside of it; put the file inside"
            )
        if file.is_file():
            return file
    except (OSError, ValueError, RuntimeError) as error:  # too long, with a zero byte, or a circle of links
        raise TelemetryUnreadable(f"{folder} names the file {name[:200]!r}, which is no name of a file") from error
    raise TelemetryUnreadable(f"{folder} names the file {name!r}, and there is none; add it or take the name out")
