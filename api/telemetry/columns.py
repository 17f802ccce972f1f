"""Columns of Arrow batches as numbers: instants, ids and codes of names."""

import hashlib
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.errors import TelemetryUnreadable
from api.telemetry.batches import UNKNOWN
from api.telemetry.files import instant
from api.telemetry.manifest import Unit
from api.telemetry.recording import Codes

_FACTORS = {"s": 1_000_000, "ms": 1_000, "us": 1}
_FIRST, _LAST = -62_135_596_800_000_000, 253_402_300_800_000_000  # the years 1 to 9999, which a date can hold
_HEX = re.compile(r"^(?:[0-9a-fA-F]{16}|[0-9a-fA-F]{32})$")
_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio, as in Knuth's multiplicative hashing
_NIBBLES = np.full(256, 255, dtype=np.uint8)
for _digit, _value in zip(b"0123456789abcdefABCDEF", [*range(16), *range(10, 16)], strict=True):
    _NIBBLES[_digit] = _value


def instants(column: Any, unit: Unit) -> NDArray[np.int64]:
    """Return times in microseconds since the epoch, UNKNOWN for what is none; numbers count in `unit`."""
    import pyarrow as pa  # type: ignore[import-untyped]  # ships no hints

    if pa.types.is_timestamp(column.type):
        found = _filled(column.cast(pa.timestamp("us", column.type.tz), safe=False).cast(pa.int64()))
    elif pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        found = amounts(column, unit)
    else:
        found = _of_text(column, unit)
    return np.where((found < _FIRST) | (found >= _LAST), UNKNOWN, found)


def amounts(column: Any, unit: Unit) -> NDArray[np.int64]:
    """Return lengths of time in microseconds from numbers in `unit`; UNKNOWN for what is none."""
    import pyarrow as pa

    if pa.types.is_integer(column.type):
        return _of_whole(_filled(column), unit)
    if not pa.types.is_floating(column.type):
        return np.array([_of_number(value, unit) for value in column.to_pylist()], dtype=np.int64)
    values = column.to_numpy(zero_copy_only=False) * (_FACTORS[unit] if unit != "ns" else 1e-3)
    good = np.isfinite(values) & (np.abs(values) < _LAST)
    return np.where(good, np.round(np.where(good, values, 0)).astype(np.int64), UNKNOWN)


def identifiers(column: Any) -> NDArray[np.int64]:
    """Return ids of traces or spans as numbers, -1 where there is none; the same text has the same number everywhere.

    16 hex digits are taken as they are, 32 are mixed, other text is hashed; -1 itself becomes -2.
    """
    import pyarrow as pa

    if pa.types.is_integer(column.type):
        return np.asarray(column.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)
    column = column.cast(pa.string())
    quick = _of_hex(column)
    if quick is not None:
        return quick
    encoded = column.dictionary_encode()
    numbers = np.array([_of_id(value) for value in encoded.dictionary.to_pylist()] or [0], dtype=np.int64)
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return np.where(codes < 0, -1, numbers[codes])


def names(column: Any, codes: Codes, *, otherwise: str = "") -> NDArray[np.int32]:
    """Return the codes of names, -1 where there is none; `otherwise` is the name for those without, if given."""
    import pyarrow as pa

    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    told = [str(name or otherwise) for name in encoded.dictionary.to_pylist()]
    known = np.array([codes.of(name) for name in told] or [-1], dtype=np.int32)
    at = encoded.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    return np.where(at < 0, codes.of(otherwise) if (at < 0).any() else -1, known[at]).astype(np.int32)


def _of_text(column: Any, unit: Unit) -> NDArray[np.int64]:
    import pyarrow as pa

    for kind in (pa.timestamp("us", "UTC"), pa.timestamp("ns", "UTC"), pa.timestamp("us"), pa.timestamp("ns")):
        try:
            return _filled(column.cast(kind).cast(pa.timestamp("us", kind.tz), safe=False).cast(pa.int64()))
        except pa.ArrowException:
            continue
    encoded = column.dictionary_encode()
    told = np.array([_of_word(word, unit) for word in encoded.dictionary.to_pylist()] or [0], dtype=np.int64)
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return np.where(codes < 0, UNKNOWN, told[codes])


def _of_word(word: str, unit: Unit) -> int:
    number = _of_number(word, unit)
    if number != UNKNOWN:
        return number
    try:
        return instant(word, "")
    except TelemetryUnreadable:
        return UNKNOWN


def _of_number(value: object, unit: Unit) -> int:
    try:
        number = float(str(value))
    except ValueError:
        return UNKNOWN
    micro = number * _FACTORS[unit] if unit != "ns" else number / 1_000
    return round(micro) if abs(micro) < _LAST else UNKNOWN


def _of_whole(values: NDArray[np.int64], unit: Unit) -> NDArray[np.int64]:
    if unit == "ns":
        return np.where(values == UNKNOWN, UNKNOWN, values // 1_000)
    factor = _FACTORS[unit]
    good = (values > -_LAST // factor) & (values < _LAST // factor)
    return np.where(good, np.where(good, values, 0) * factor, UNKNOWN)


def _filled(column: Any) -> NDArray[np.int64]:
    import pyarrow as pa

    return np.asarray(column.cast(pa.int64()).fill_null(UNKNOWN).to_numpy(zero_copy_only=False), dtype=np.int64)


def _of_hex(column: Any) -> NDArray[np.int64] | None:
    """Return the numbers of a column that holds hex ids of one length; None where it holds anything else."""
    from pyarrow import compute

    lengths = compute.unique(compute.binary_length(column).drop_null()).to_pylist()
    if len(lengths) != 1 or lengths[0] not in {16, 32}:
        return None
    there = column.is_valid().to_numpy(zero_copy_only=False)
    values = column.drop_null()
    _, offsets, packed = values.buffers()
    first = int(np.frombuffer(offsets, dtype=np.int32)[values.offset])
    raw = np.frombuffer(packed, dtype=np.uint8)[first : first + len(values) * lengths[0]]
    digits = _NIBBLES[raw].reshape(-1, lengths[0])
    if (digits > 15).any():
        return None
    pairs = np.ascontiguousarray((digits[:, 0::2] << 4) | digits[:, 1::2])
    words = pairs.view(">u8").astype(np.uint64)
    mixed = words[:, 0] if words.shape[1] == 1 else (words[:, 0] * _MIX) ^ words[:, 1]
    found = np.full(len(there), -1, dtype=np.int64)
    numbers = mixed.view(np.int64)
    found[there] = np.where(numbers == -1, -2, numbers)
    return found


def _of_id(text: str) -> int:
    if not text:
        return -1
    if _HEX.match(text):
        high, low = int(text[:16], 16), int(text[16:] or "0", 16)
        number = high if len(text) == 16 else (high * int(_MIX)) % 2**64 ^ low
    else:
        digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
        number = int.from_bytes(digest, "big")
    signed = number - 2**64 if number >= 2**63 else number
    return -2 if signed == -1 else signed
