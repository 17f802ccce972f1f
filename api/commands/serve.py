"""The command `groundwatch serve`."""

import click


@click.command(short_help="Serve the API.")
@click.option("--host", help="Address to listen on; beyond this machine it needs GROUNDWATCH_API_KEYS.  [127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one.  [8080]")
def serve(host: str | None, port: int | None) -> None:
    """Serve the API until Ctrl-C; commands and the app then use it."""
    from api.running import new_instance
    from api.settings import check_exposure, load_settings

    settings = load_settings(host=host, port=port)
    check_exposure(settings)
    from api.app import create_app_from_settings
    from api.server import serve as serve_app

    instance = new_instance()
    app = create_app_from_settings(settings, instance=instance)
    serve_app(app, settings, instance=instance, say=lambda line: click.echo(line, err=True))
