"""The command `groundwatch postmortem`."""

from contextlib import closing

import click

from api.commands.options import json_option, print_json


@click.group(short_help="Draft postmortems from investigations.")
def postmortem() -> None:
    """Draft postmortems: every sentence cites what was observed, or is a question for the team."""


@postmortem.command("draft")
@click.argument("investigation")
@click.option("--names", is_flag=True, help="Name the people who took part; unset, they are roles.")
@json_option
def draft(investigation: str, names: bool, as_json: bool) -> None:
    """Draft the postmortem of the investigation with the id INVESTIGATION, as Markdown on standard output."""
    from api.bootstrap import running_url
    from api.client import ApiClient
    from api.errors import UsageError
    from api.exports.postmortem_draft import draft_markdown
    from api.settings import load_settings

    settings = load_settings()
    url = running_url(settings)
    if url is None:
        raise UsageError("no API runs here, and it keeps the investigations; start it with groundwatch serve")
    with closing(ApiClient(url, settings.presented_key, timeout=settings.request_timeout)) as client:
        found = client.postmortem_draft(investigation, names=names)
    if as_json:
        print_json(found)
    else:
        click.echo(draft_markdown(found), nl=False)
