"""The command `groundwatch services`."""

import click

from api.commands.options import json_option, opened_assistant, print_json


@click.command(short_help="Show services and what they depend on.")
@click.argument("name", required=False)
@click.option("--query", default="", help="Only services whose name holds this.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 500), help="How many services.")
@json_option
def services(name: str | None, query: str, limit: int, as_json: bool) -> None:
    """List the services that documents name, or show all that is stated of the service NAME."""
    from api.structure_text import service_text, services_text
    from api.terminal import print_text

    with opened_assistant() as assistant:
        if name is not None:
            detail = assistant.service(name)
            print_json(detail) if as_json else print_text(service_text(detail))
            return
        page = assistant.services(query=query, offset=0, limit=limit)
    print_json(page) if as_json else print_text(services_text(page))
