"""The command `groundwatch alerts`."""

import click

from api.commands.options import json_option, opened_assistant, print_json


@click.command(short_help="Show alerts with their runbooks.")
@click.option("--query", default="", help="Only alerts whose name holds this.")
@click.option("--without-runbook", is_flag=True, help="Only alerts that no runbook is about.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 500), help="How many alerts.")
@json_option
def alerts(query: str, without_runbook: bool, limit: int, as_json: bool) -> None:
    """List the alerts that rules define or documents are about, with the runbook that each means."""
    from api.structure_text import alerts_text
    from api.terminal import print_text

    with opened_assistant() as assistant:
        page = assistant.alerts(query=query, without_runbook=without_runbook, offset=0, limit=limit)
    print_json(page) if as_json else print_text(alerts_text(page))
