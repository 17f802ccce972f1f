"""Ids of traces and spans as numbers: the same text has the same number, however its column is stored."""

import pyarrow as pa  # type: ignore[import-untyped]  # ships no hints
import pytest

from api.telemetry.columns import identifiers

HEX = [f"{number * 0x9E3779B97F4A7C15 % 2**128:032x}" for number in range(50)]


@pytest.mark.parametrize("length", [16, 32, 20])
def test_an_id_has_one_number_alone_in_a_slice_and_among_others(length: int) -> None:
    ids = [text[-length:] for text in HEX]
    whole = identifiers(pa.array(ids)).tolist()

    assert len(set(whole)) == len(ids)
    assert identifiers(pa.array(ids).slice(7, 20)).tolist() == whole[7:27]
    assert identifiers(pa.array([*ids, "other"])).tolist()[:-1] == whole
    assert identifiers(pa.array([None, *ids])).tolist() == [-1, *whole]
    assert identifiers(pa.array(ids).dictionary_encode()).tolist() == whole


def test_no_id_is_minus_one() -> None:
    assert identifiers(pa.array(["f" * 16, "", None])).tolist() == [-2, -1, -1]
    assert identifiers(pa.array([None, None], pa.string())).tolist() == [-1, -1]
