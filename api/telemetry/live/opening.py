"""The sources that a file of sources names, each with the adapter of its kind."""

from collections.abc import Mapping
from pathlib import Path

from api.telemetry.live import argocd, elasticsearch, flux, github, gitlab, jaeger, kubernetes, loki, tempo
from api.telemetry.live.adapters import AdaptedSource, Adapter
from api.telemetry.live.prometheus import PrometheusSource
from api.telemetry.live.settings import PrometheusSettings, SourceSettings
from api.telemetry.live.settings_file import read_sources_file
from api.telemetry.live.sources import LiveSource

_ADAPTERS: Mapping[str, Adapter] = {
    "loki": loki.ADAPTER,
    "tempo": tempo.ADAPTER,
    "jaeger": jaeger.ADAPTER,
    "elasticsearch": elasticsearch.ADAPTER,
    "opensearch": elasticsearch.ADAPTER,
    "kubernetes": kubernetes.ADAPTER,
    "argocd": argocd.ADAPTER,
    "flux": flux.ADAPTER,
    "github": github.ADAPTER,
    "gitlab": gitlab.ADAPTER,
}


def open_sources(file: Path, environment: Mapping[str, str]) -> tuple[LiveSource, ...]:
    """Return the sources of a file, in its order; asks none of them. Raises UsageError, naming line and field."""
    return tuple(source_of(one) for one in read_sources_file(file, environment).sources)


def source_of(settings: SourceSettings) -> LiveSource:
    """Return the source that settings describe; asks nothing."""
    if isinstance(settings, PrometheusSettings):
        return PrometheusSource(settings)
    kind = str(getattr(settings, "kind", ""))  # every kind of settings but the base has one
    return AdaptedSource(settings, _ADAPTERS[kind])
