"""Serve the application with uvicorn on a socket of our own, announced while it accepts connections."""

import contextlib
import logging.config
import os
import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from api.errors import GroundwatchError, UsageError
from api.running import announce, find_running, withdraw
from api.settings import ApiSettings

if TYPE_CHECKING:
    from fastapi import FastAPI

_GRACE_SECONDS = 10


def serve(app: "FastAPI", settings: ApiSettings, *, instance: str, say: Callable[[str], None]) -> None:
    """Serve until Ctrl-C or SIGTERM; requests at work then have some seconds to end.

    Raises GroundwatchError where the port is in use or another API serves the same data directory.
    """
    _configure_logging(settings.log_level)
    _require_alone(settings)
    listening = _listen(settings.host, settings.port)
    url = _url(settings.host, listening.getsockname()[1])
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        ws="none",
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    before = signal.signal(signal.SIGTERM, _leave)
    running = None
    try:
        # A connection made from here on waits until the application accepts it.
        running = announce(settings.running_file, url, instance)
        say(f"Groundwatch API: {url} (documentation at {url}/docs; stop with Ctrl-C)")
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        say("Stopped.")
    finally:
        signal.signal(signal.SIGTERM, before)
        with contextlib.suppress(OSError):
            listening.close()
        if running is not None:
            withdraw(settings.running_file, running)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host.strip("[]"), port))
        listening.listen(512)
    except socket.gaierror as error:
        listening.close()
        raise UsageError(f"host {host!r} is no address of this machine ({error.strerror}); use 127.0.0.1") from error
    except OSError as error:
        listening.close()
        raise GroundwatchError(
            f"cannot listen on {host!r} port {port}: {os.strerror(error.errno or 0).lower()}; stop what listens "
            "there, or choose another with --port"
        ) from error
    listening.set_inheritable(True)
    return listening


def _require_alone(settings: ApiSettings) -> None:
    """Refuse a second API on the same embedded index, which only one process can open."""
    other = None if settings.qdrant_url else find_running(settings.running_file)
    if other is not None:
        raise GroundwatchError(
            f"an API serves {str(settings.data_dir)!r} already, at {other.url} (process {other.pid}); use it, stop it, "
            "or set GROUNDWATCH_DATA_DIR to another folder"
        )


def _url(host: str, port: int) -> str:
    """Return the address under which this machine reaches the server."""
    name = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host).strip("[]")
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def _leave(_signal: int, _frame: FrameType | None) -> None:
    """End as after a normal run, so that what was announced is withdrawn."""
    sys.exit(0)


def _configure_logging(level: str) -> None:
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {
                    "format": "%(asctime)s.%(msecs)03dZ level=%(levelname)s logger=%(name)s %(message)s",
                    "datefmt": "%Y-%m-%dT%H:%M:%S",
                    "class": "api.logs.UtcFormatter",
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"level": "WARNING", "handlers": ["stderr"]},
            "loggers": {"api": {"level": level.upper()}},
        }
    )
