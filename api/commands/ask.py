"""The command `groundwatch ask`."""

import click

from api.commands.options import filter_options, filters_of, json_option, opened_assistant, print_json, text_or_stdin


@click.command(short_help="Answer a question, with sources.")
@click.argument("question")
@filter_options
@json_option
def ask(
    question: str,
    sources: tuple[str, ...],
    kinds: tuple[str, ...],
    services: tuple[str, ...],
    excluded: tuple[str, ...],
    as_json: bool,
) -> None:
    """Answer QUESTION from the documents, with sources; "-" reads it from standard input."""
    from api.rendering import answer_text, print_text
    from api.schemas.answers import AskRequest

    filters = filters_of(sources, kinds, services, excluded)
    request = AskRequest(question=text_or_stdin(question), filters=filters)
    with opened_assistant() as assistant:
        answer = assistant.ask(request)
    if as_json:
        print_json(answer)
    else:
        print_text(answer_text(answer))
