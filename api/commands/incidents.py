"""The command `groundwatch incidents`."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import click

from api.commands.options import json_option, print_json

if TYPE_CHECKING:
    from api.client import ApiClient

_STATES = ("open", "acknowledged", "resolved")
_SEVERITIES = ("critical", "error", "warning", "info", "unknown")


@click.group(short_help="Show the incidents that alerts opened.")
def incidents() -> None:
    """Show the incidents of a running API; docs/alerts.md says how alerts come in."""


@incidents.command("list")
@click.option("--state", type=click.Choice(_STATES), help="Only those in this state.")
@click.option("--severity", type=click.Choice(_SEVERITIES), help="Only those of this severity.")
@click.option("--service", default="", help="Only those with an alert of this service.")
@click.option("--query", default="", help="Only those whose title or services hold this.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 200), help="How many incidents.")
@json_option
def list_incidents(
    state: str | None, severity: str | None, service: str, query: str, limit: int, as_json: bool
) -> None:
    """List incidents: those that go on and the worst of them first."""
    from api.incident_text import incidents_text
    from api.incidents.alerts import Severity
    from api.incidents.incidents import IncidentState
    from api.terminal import print_text

    with _opened_client() as client:
        page = client.incidents(
            state=IncidentState(state) if state else None,
            severity=Severity(severity) if severity else None,
            service=service,
            query=query,
            limit=limit,
        )
    print_json(page) if as_json else print_text(incidents_text(page))


@incidents.command("show")
@click.argument("incident")
@json_option
def show_incident(incident: str, as_json: bool) -> None:
    """Show the incident with the id INCIDENT: its alerts and what happened to it."""
    from api.incident_text import incident_text
    from api.terminal import print_text

    with _opened_client() as client:
        detail = client.incident(incident)
    print_json(detail) if as_json else print_text(incident_text(detail))


@contextmanager
def _opened_client() -> "Iterator[ApiClient]":
    from api.bootstrap import running_url
    from api.client import ApiClient
    from api.errors import UsageError
    from api.settings import load_settings

    settings = load_settings()
    url = running_url(settings)
    if url is None:
        raise UsageError("incidents are kept by a running API, and none is found; start it: groundwatch serve")
    with closing(ApiClient(url, settings.presented_key, timeout=settings.request_timeout)) as client:
        yield client
