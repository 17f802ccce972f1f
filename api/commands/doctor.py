"""The command `groundwatch doctor`."""

import click

from api.commands.options import json_option, print_json


@click.command(short_help="Say what is wrong here and how to mend it.")
@json_option
def doctor(as_json: bool) -> None:
    """Check this installation, its model and its index; say what is wrong and how to mend it."""
    from api.checks import diagnose
    from api.overview import diagnosis_text
    from api.settings import load_settings
    from api.terminal import print_text

    diagnosis = diagnose(load_settings())
    if as_json:
        print_json(diagnosis)
    else:
        print_text(diagnosis_text(diagnosis))
    if not diagnosis.healthy:
        click.get_current_context().exit(1)
