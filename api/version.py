"""Which version of Groundwatch this is."""

from importlib.metadata import PackageNotFoundError, version


def installed_version() -> str:
    """Return the version of the installed distribution, or "unknown" in a bare checkout."""
    try:
        return version("groundwatch")
    except PackageNotFoundError:
        return "unknown"
