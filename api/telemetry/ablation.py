"""Telemetry with a part hidden, which says so itself: for measuring what an investigation does without it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from api.investigation.observations import SourceClass
from api.investigation.telemetry import Coverage, Edge, Happening, LogLines, Series, Spans, Telemetry
from api.investigation.windows import Window
from api.telemetry.recording import lines_where, spans_where

_HIDDEN = "hidden on purpose, to see what can be told without"
_OWN = (SourceClass.METRIC, SourceClass.LOG, SourceClass.TRACE)  # the classes in which a component tells of itself


@dataclass(frozen=True, slots=True)
class WithoutModality:
    """Telemetry without whole classes of `sources`, and without what `components` tell of themselves.

    Spans of others that name a hidden component as the called one stay, as do calls that the source states: a
    component that tells nothing is still called. Its own events and changes stay too.
    """

    telemetry: Telemetry
    sources: frozenset[SourceClass]
    components: frozenset[str] = frozenset()

    def coverage(self) -> tuple[Coverage, ...]:
        """Tell what there is, with what is hidden as missing."""
        found = [
            replace(one, window=None, baseline=None, missing=one.missing or _HIDDEN)
            if one.source in self.sources
            else one
            for one in self.telemetry.coverage()
        ]
        told = {one.source for one in found}
        found.extend(Coverage(one, one.value, None, None, _HIDDEN) for one in sorted(self.sources - told))
        there = {one.source for one in found if not one.missing} | self._alerted()
        partly = [source for source in _OWN if source in there and source not in self.sources]
        for component in sorted(self.components):
            found.extend(
                Coverage(source, f"{component}/{source.value}", None, None, _of(component), component)
                for source in partly
            )
        return tuple(found)

    def series(self, window: Window) -> Iterator[Series]:
        """Give the series that are not hidden."""
        if SourceClass.METRIC not in self.sources:
            for one in self.telemetry.series(window):
                if one.component not in self.components:
                    yield one

    def spans(self, window: Window) -> Iterator[Spans]:
        """Give the spans that are not hidden."""
        if SourceClass.TRACE not in self.sources:
            for batch in self.telemetry.spans(window):
                keep = self._kept(batch.names, batch.component)
                if keep.any():
                    yield spans_where(batch, keep)

    def logs(self, window: Window) -> Iterator[LogLines]:
        """Give the log lines that are not hidden."""
        if SourceClass.LOG not in self.sources:
            for batch in self.telemetry.logs(window):
                keep = self._kept(batch.names, batch.component)
                if keep.any():
                    yield lines_where(batch, keep)

    def happenings(self, window: Window) -> Iterator[Happening]:
        """Give the happenings whose class, and whose component as far as it tells of itself, are not hidden."""
        for one in self.telemetry.happenings(window):
            own = one.source in _OWN and one.component in self.components
            if one.source not in self.sources and not own:
                yield one

    def edges(self) -> tuple[Edge, ...]:
        """Give the calls that the source states."""
        return self.telemetry.edges()

    def _alerted(self) -> set[SourceClass]:
        """Return the classes that are seen by alerts alone, without rows of their own."""
        if not self.components:
            return set()
        windows = {one for fact in self.telemetry.coverage() for one in (fact.window, fact.baseline) if one is not None}
        return {one.source for window in windows for one in self.telemetry.happenings(window)}

    def _kept(self, names: tuple[str, ...], codes: NDArray[np.int32]) -> NDArray[np.bool_]:
        hidden = [code for code, name in enumerate(names) if name in self.components]
        return np.isin(codes, hidden, invert=True)


def _of(component: str) -> str:
    return f"what {component} tells of itself is {_HIDDEN}"
