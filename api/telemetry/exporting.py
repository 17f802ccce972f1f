"""An incident with its telemetry, written as a bundle in Groundwatch's own layout."""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.errors import UsageError
from api.investigation.incidents import Incident
from api.investigation.observations import SourceClass
from api.investigation.telemetry import Coverage, Happening, LogLines, Series, Spans, Telemetry
from api.investigation.windows import Window, instant_text, moment_of
from api.telemetry.manifest import FILE, VERSION, Manifest, SourceFacts, Stretch, SymptomFacts
from ingest.errors import StorageFailed

_FAILED = np.array(["ok", "error", None], dtype=object)  # by 0, 1 and -1


def write_bundle(
    folder: Path, incident: Incident, telemetry: Telemetry, *, windows: Sequence[Window] | None = None
) -> None:
    """Write an incident and its telemetry into a new folder; opened again, it gives the same rows.

    Without `windows` it is that of the incident and every healthy time that a source can be compared with; rows that
    lie in two of them are written once. Happenings are written from the first that a source covers. bundle.json comes
    last, so that a folder that was left half-way is no bundle. Raises UsageError where the folder holds something,
    StorageFailed where it can't be written, TelemetryUnreadable where the telemetry can't be read.
    """
    coverage = telemetry.coverage()
    told = apart(_windows(incident, coverage) if windows is None else windows)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError(f"the folder {str(folder)!r} is not empty; name a new one for the bundle")
        _write_metrics(folder / "metrics.parquet", (one for window in told for one in telemetry.series(window)))
        _write_spans(folder / "spans.parquet", (one for window in told for one in telemetry.spans(window)))
        _write_logs(folder / "logs.parquet", (one for window in told for one in telemetry.logs(window)))
        reach = apart([*told, *(one.window for one in coverage if one.window and _happens(one.source))])
        _write_happenings(folder, [one for window in reach for one in telemetry.happenings(window)])
        _write_calls(folder / "calls.csv", telemetry)
        text = manifest_of(incident, coverage).model_dump_json(indent=1)
        (folder / FILE).write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise StorageFailed(
            f"cannot write the bundle to {str(folder)!r} ({error.strerror}); free space or name another folder"
        ) from error


def apart(windows: Sequence[Window]) -> list[Window]:
    """Return windows in order of time, those that touch or overlap made one."""
    found: list[Window] = []
    for one in sorted(windows):
        if found and one.start <= found[-1].end:
            found[-1] = Window(found[-1].start, max(found[-1].end, one.end))
        else:
            found.append(one)
    return found


def manifest_of(incident: Incident, coverage: Sequence[Coverage] | None = None) -> Manifest:
    """Return what bundle.json says of an incident, and of what is known around it where that is told."""
    symptom = incident.symptom
    return Manifest(
        version=VERSION,
        id=incident.id,
        title=incident.title,
        symptom=SymptomFacts(
            text=symptom.text, component=symptom.component, metric=symptom.metric, rising=symptom.rising,
            alert=symptom.alert, severity=symptom.severity,
        ),
        window=_stretch(incident.window),
        baseline=_stretch(incident.baseline) if incident.baseline else None,
        components=incident.components,
        sources=None if coverage is None else tuple(_facts(one) for one in coverage),
    )  # fmt: skip


def _windows(incident: Incident, coverage: Sequence[Coverage]) -> list[Window]:
    baselines = [incident.baseline, *(one.baseline for one in coverage)]
    return [incident.window, *(one for one in baselines if one is not None)]


def _happens(source: SourceClass) -> bool:
    return source in {SourceClass.CHANGE, SourceClass.EVENT}


def _write_metrics(file: Path, found: Iterator[Series]) -> None:
    import pyarrow as pa  # type: ignore[import-untyped]  # ships no hints

    def rows(one: Series) -> list[Any]:
        count = len(one.times)
        fixed = [_repeated(word, count) for word in (one.component, one.metric, one.unit, one.instance)]
        return [_times(one.times), fixed[0], fixed[1], pa.array(one.values), fixed[2], fixed[3]]

    words = [(name, pa.dictionary(pa.int32(), pa.string())) for name in ("component", "metric")]
    more = [(name, pa.dictionary(pa.int32(), pa.string())) for name in ("unit", "instance")]
    _write(file, pa.schema([("time", _moment()), *words, ("value", pa.float64()), *more]), found, rows)


def _write_spans(file: Path, found: Iterator[Spans]) -> None:
    import pyarrow as pa

    def rows(one: Spans) -> list[Any]:
        ids = [_ids(column) for column in (one.trace, one.span, one.parent)]
        words = [_words(one.names, column) for column in (one.component, one.operation, one.peer)]
        status = pa.array(_FAILED[one.failed].tolist(), pa.string())
        return [*ids, *words, _times(one.start), pa.array(one.duration), status]

    ids = [(name, pa.int64()) for name in ("trace", "span", "parent")]
    words = [(name, pa.string()) for name in ("component", "operation", "peer")]
    schema = pa.schema([*ids, *words, ("start", _moment()), ("duration", pa.int64()), ("status", pa.string())])
    _write(file, schema, found, rows)


def _write_logs(file: Path, found: Iterator[LogLines]) -> None:
    import pyarrow as pa

    def rows(one: LogLines) -> list[Any]:
        words = [_words(one.names, column) for column in (one.component, one.severity, one.origin)]
        text = pa.array(one.text, pa.string()) if one.text else pa.nulls(len(one), pa.string())
        return [_times(one.time), *words, _ids(one.trace), _ids(one.span), pa.array(one.count), text]

    words = [(name, pa.string()) for name in ("component", "severity", "origin")]
    numbers = [(name, pa.int64()) for name in ("trace", "span", "count")]
    _write(file, pa.schema([("time", _moment()), *words, *numbers, ("message", pa.string())]), found, rows)


def _write(file: Path, schema: Any, found: Iterator[Any], rows: Callable[[Any], list[Any]]) -> None:
    """Write what there is as Parquet, a batch after the other; no file where there is nothing."""
    import pyarrow as pa
    from pyarrow import parquet

    first = next(found, None)
    if first is None:
        return
    waiting: list[Any] = []
    with closing(parquet.ParquetWriter(file, schema, compression="zstd")) as writer:
        for one in _and_rest(first, found):
            waiting.append(pa.RecordBatch.from_arrays(_cast(rows(one), schema), schema=schema))
            if sum(batch.num_rows for batch in waiting) >= 65_536 or len(waiting) >= 4_096:
                writer.write_table(pa.Table.from_batches(waiting).unify_dictionaries())
                waiting.clear()
        if waiting:
            writer.write_table(pa.Table.from_batches(waiting).unify_dictionaries())


def _and_rest(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from rest


def _cast(arrays: list[Any], schema: Any) -> list[Any]:
    return [array.cast(field.type) for array, field in zip(arrays, schema, strict=True)]


def _moment() -> Any:
    import pyarrow as pa

    return pa.timestamp("us", "UTC")


def _times(times: NDArray[np.int64]) -> Any:
    import pyarrow as pa

    return pa.array(times).cast(_moment())


def _ids(column: NDArray[np.int64]) -> Any:
    import pyarrow as pa

    return pa.array(column, mask=column == -1)


def _words(names: tuple[str, ...], codes: NDArray[np.int32]) -> Any:
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), pa.array(names, pa.string()))


def _repeated(word: str, count: int) -> Any:
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(np.zeros(count, dtype=np.int32), pa.array([word], pa.string()))


def _write_happenings(folder: Path, found: Sequence[Happening]) -> None:
    changes = [one for one in found if one.source is SourceClass.CHANGE]
    events = [one for one in found if one.source is not SourceClass.CHANGE]
    for name, told in (("changes.jsonl", changes), ("events.jsonl", events)):
        if told:
            with (folder / name).open("w", encoding="utf-8") as file:
                file.writelines(f"{json.dumps(_record(one), ensure_ascii=True)}\n" for one in told)


def _record(one: Happening) -> dict[str, str | None]:
    told = {
        "time": instant_text(one.at), "kind": one.kind, "title": one.title, "component": one.component, "ref": one.ref,
        "detail": one.detail, "author": one.author, "until": None if one.until is None else instant_text(one.until),
        "source": one.source.value, "instance": one.instance,
    }  # fmt: skip
    return {key: value for key, value in told.items() if value or key in {"kind", "title", "instance"}}


def _write_calls(file: Path, telemetry: Telemetry) -> None:
    edges = telemetry.edges()
    if edges:
        with file.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.writer(opened, lineterminator="\n")
            writer.writerow(("caller", "callee"))
            writer.writerows((one.caller, one.callee) for one in edges)


def _facts(one: Coverage) -> SourceFacts:
    window, baseline = (_stretch(told) if told else None for told in (one.window, one.baseline))
    return SourceFacts(
        source=one.source, instance=one.instance, window=window, baseline=baseline, missing=one.missing, cut=one.cut
    )


def _stretch(window: Window) -> Stretch:
    return Stretch(start=moment_of(window.start), end=moment_of(window.end))
