"""A PostgreSQL server of a test's own, on loopback."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_PATIENCE = 60.0


@contextmanager
def postgresql() -> Iterator[str]:
    """Run PostgreSQL meanwhile and yield its URL; skips the test where it is not installed."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: float(one.parent.name), reverse=True)
    found = shutil.which("initdb")
    programs = [Path(found).parent] if found else installed
    if not programs:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    # It refuses to run as root; not below pytest's folder, which only its owner may enter.
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    with (
        tempfile.TemporaryDirectory(prefix="groundwatch-postgresql-", dir="/var/tmp") as name,
        socket.socket() as probe,
    ):
        probe.bind(("127.0.0.1", 0))
        data, port = Path(name) / "data", probe.getsockname()[1]
        probe.close()
        if as_user:
            shutil.chown(name, "postgres")

        def run(program: str, *arguments: str) -> None:
            command = [*as_user, str(programs[0] / program), "-D", str(data), *arguments]
            subprocess.run(command, cwd=name, check=True, timeout=_PATIENCE, stdout=subprocess.DEVNULL)

        run("initdb", "--auth=trust", "--username=postgres", "--no-sync")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={name} -c fsync=off"
        run("pg_ctl", "start", "-w", "-o", options, "-l", f"{name}/log")
        try:
            yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "stop", "-m", "fast", "-w")
