"""The command `groundwatch search`."""

import click

from api.commands.options import filter_options, filters_of, json_option, opened_assistant, print_json, text_or_stdin


@click.command(short_help="Find passages, best first.")
@click.argument("query")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 100), help="How many passages.")
@filter_options
@json_option
def search(
    query: str,
    limit: int,
    sources: tuple[str, ...],
    kinds: tuple[str, ...],
    services: tuple[str, ...],
    excluded: tuple[str, ...],
    as_json: bool,
) -> None:
    """Find passages about QUERY, best first; "-" reads it from standard input."""
    from api.rendering import hits_text, print_text
    from api.schemas.search import SearchRequest

    filters = filters_of(sources, kinds, services, excluded)
    request = SearchRequest(query=text_or_stdin(query), limit=limit, filters=filters)
    with opened_assistant() as assistant:
        found = assistant.search(request)
    if as_json:
        print_json(found)
    else:
        print_text(hits_text(found))
