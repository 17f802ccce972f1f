"""The name of this process as it holds investigations, and whether another one that holds some has ended."""

import os
import socket
import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Holder:
    """One run of one process on one machine."""

    host: str
    pid: int
    run: str

    def __str__(self) -> str:
        return f"{self.run} {self.pid} {self.host[:200]}"

    def is_gone(self, other: str) -> bool:
        """Tell whether another holder has certainly ended; one on another machine never has, as far as is known."""
        parts = other.split(" ", 2)
        if len(parts) != 3 or parts[2] != self.host[:200] or not parts[1].isdigit():
            return False
        # After a restart of a container the number of the process is often the same again.
        return parts[0] != self.run if int(parts[1]) == self.pid else not _runs(int(parts[1]))


def this_process() -> Holder:
    """Return the name of this process, another one at each call."""
    return Holder(socket.gethostname(), os.getpid(), uuid.uuid4().hex)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
