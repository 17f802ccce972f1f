"""The commands `groundwatch app` and `groundwatch up`."""

import importlib.util
import ipaddress
import os
import sys
from pathlib import Path

import click

_APP = Path(__file__).with_name("app.py")
_APP_PORT = 8501
_API_PORT = 8080

_host = click.option("--host", default="127.0.0.1", show_default=True, help="Address that the app listens on.")
_port = click.option("--port", default=_APP_PORT, show_default=True, help="Port that the app listens on.")


@click.command()
@_host
@_port
def app(host: str, port: int) -> None:
    """Serve the app; it asks the API at GROUNDWATCH_URL."""
    _require_streamlit()
    _warn_if_open(host)
    command = streamlit_command(host, port)
    os.execv(command[0], command)


@click.command()
@_host
@_port
@click.option("--api-port", default=_API_PORT, show_default=True, help="Port that the API listens on.")
def up(host: str, port: int, api_port: int) -> None:
    """Serve the API and the app together, until Ctrl-C."""
    from ui.processes import Service, ServiceFailed, run_together

    _require_streamlit()
    _warn_if_open(host)
    api_url = f"http://127.0.0.1:{api_port}"
    shown_host = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    app_url = f"http://{f'[{shown_host}]' if ':' in shown_host else shown_host}:{port}"
    serve = [*groundwatch_command(), "serve", "--host", "127.0.0.1", "--port", str(api_port)]
    services = [
        Service("api", serve, api_url, f"{api_url}/healthz"),
        Service("app", streamlit_command(host, port), app_url, f"{app_url}/_stcore/health"),
    ]
    try:
        run_together(services, environment={"GROUNDWATCH_URL": api_url}, say=click.echo)
    except ServiceFailed as error:
        raise click.ClickException(str(error)) from error


def streamlit_command(host: str, port: int) -> list[str]:
    """Return the command that serves the app without a browser and without telemetry."""
    options = {
        "server.address": host,
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [sys.executable, "-m", "streamlit", "run", str(_APP), *flags]


def groundwatch_command() -> list[str]:
    """Return the command of this installation."""
    script = Path(sys.executable).with_name("groundwatch")
    return [str(script)] if script.exists() else [sys.executable, "-c", "from api.cli import main; main()"]


def _require_streamlit() -> None:
    if importlib.util.find_spec("streamlit") is None:
        raise click.ClickException("streamlit is not installed. Run: pip install 'groundwatch[ui]'")


def _warn_if_open(host: str) -> None:
    """Say so where the app can be reached from elsewhere, since it asks nobody who they are."""
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local:
        click.echo(
            f"The app on {host!r} can be reached from other machines and asks nobody who they are: "
            "put a proxy with a login before it.",
            err=True,
        )
