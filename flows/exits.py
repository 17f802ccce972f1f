"""How a command ends: Ctrl-C, wrong settings and our own errors become one message and an exit code."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click


@contextmanager
def clean_exits() -> Iterator[None]:
    """Turn what may go wrong on purpose into a message; exit 2 for wrong use, 1 for failure, 130 for Ctrl-C."""
    from pydantic import ValidationError

    from ingest.errors import GroundwatchError, UsageError

    try:
        yield
    except KeyboardInterrupt:
        click.echo(
            "\nStopped. What was served before still is. Run the same command again: nothing that is embedded "
            "by now is embedded again.",
            err=True,
        )
        sys.exit(130)
    except ValidationError as error:
        problems = "; ".join(f"GROUNDWATCH_{one['loc'][0]}".upper() + f": {one['msg']}" for one in error.errors())
        click.echo(f"Error: a setting is wrong: {problems}; correct it in the environment or .env", err=True)
        sys.exit(2)
    except GroundwatchError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2 if isinstance(error, UsageError) else 1)
