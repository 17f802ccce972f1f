"""Turn what third-party readers raise on damaged files into one reason that a person can act on.

Readers of office formats fail on broken input in many ways that are bugs rather than verdicts (a KeyError
for a missing part, a RecursionError for a cycle); all of them mean the same here.
"""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from ingest.errors import DocumentUnreadable

_RAISED_ON_DAMAGE: tuple[type[Exception], ...] = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,  # with RecursionError and NotImplementedError
    TypeError,
    ValueError,  # with UnicodeError
    EOFError,
    struct.error,
    zlib.error,
)


@contextmanager
def unreadable_when_damaged(reason: str, *vendor_errors: type[Exception]) -> Iterator[None]:
    """Raise DocumentUnreadable(reason) for what a reader raises on a damaged file.

    `vendor_errors` are the reader's own exceptions.
    """
    try:
        yield
    except (*_RAISED_ON_DAMAGE, *vendor_errors) as error:
        detail = " ".join(str(error).split())[:160] or type(error).__name__
        raise DocumentUnreadable(f"{reason} ({detail})") from error
