"""The command `groundwatch mcp`."""

import click


@click.command(short_help="Serve tools to an AI assistant over stdio (MCP).")
def mcp() -> None:
    """Serve the knowledge to an MCP client that starts this command; it ends with its standard input.

    It asks the running API where there is one, and opens the index itself otherwise; incidents and investigations are
    those of a running API. An API serves the same tools over HTTP at /mcp.
    """
    import anyio

    from api.bootstrap import open_local, running_url
    from api.client import ApiClient
    from api.errors import UsageError
    from api.mcp.attachment import Attachment
    from api.mcp.server import mcp_server
    from api.mcp.stdio_wire import serve_stdio
    from api.routes.workers import Workers
    from api.settings import load_settings

    settings = load_settings()
    _log_to_stderr(settings.log_level)
    attachment = Attachment(
        find=lambda: running_url(settings),
        connect=lambda url: ApiClient(url, settings.presented_key, timeout=settings.request_timeout),
        open_here=lambda: open_local(settings).assistant,
    )

    def cases() -> ApiClient:
        found = attachment.assistant()
        if not isinstance(found, ApiClient):
            raise UsageError(
                "no API runs here, and incidents and investigations are its own; start it with groundwatch serve, or "
                "set GROUNDWATCH_URL to one that runs"
            )
        return found

    async def serve() -> None:
        await serve_stdio(mcp_server(attachment.assistant, Workers(settings.worker_threads), cases=cases))

    try:
        anyio.run(serve)
    finally:
        attachment.close()


def _log_to_stderr(level: str) -> None:
    """Log where the protocol is not, in the lines that the API logs in."""
    import logging

    from api.logs import UtcFormatter

    lines = logging.StreamHandler()
    form = "%(asctime)s.%(msecs)03dZ level=%(levelname)s logger=%(name)s %(message)s"
    lines.setFormatter(UtcFormatter(form, "%Y-%m-%dT%H:%M:%S"))
    logging.basicConfig(level=logging.WARNING, handlers=[lines])
    logging.getLogger("api").setLevel(level.upper())
