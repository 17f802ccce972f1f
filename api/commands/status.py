"""The command `groundwatch status`."""

import click

from api.commands.options import json_option, opened_assistant, print_json

_SHOWN_FAILURES = 20


@click.command(short_help="Show what is served and what failed.")
@json_option
def status(as_json: bool) -> None:
    """Show what is served: sources, documents, and what failed with its reason."""
    from api.overview import runs_text, status_text
    from api.terminal import print_text

    with opened_assistant() as assistant:
        found = assistant.status()
        if as_json:
            print_json(found)
            return
        failed = assistant.documents(
            source=None, state="failed", kind=None, query="", offset=0, limit=_SHOWN_FAILURES
        ).documents
        runs = assistant.runs(source=None, limit=1)
    print_text(status_text(found, failed) + runs_text(runs))
