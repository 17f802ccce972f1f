"""Settings shared by everything that writes or reads knowledge; environment prefix `GROUNDWATCH_`."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from ingest.knowledge.sentence_embedder import PACKAGED_MODEL


class KnowledgeSettings(BaseSettings):
    """Where knowledge lives and what it is built with."""

    model_config = SettingsConfigDict(env_prefix="GROUNDWATCH_", env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Field(Path("data"), description="Folder that holds the index, manifest, caches and feedback.")
    embedding_model: str = Field(
        PACKAGED_MODEL,
        description="sentence-transformers model: the packaged one, a folder, or a name; changing it re-embeds all.",
    )
    qdrant_url: str | None = Field(None, description="URL of a Qdrant server; unset, the embedded index is used.")
    qdrant_api_key: SecretStr | None = Field(None, description="API key of the Qdrant server.")
    qdrant_prefix: str = Field("groundwatch", description="Prefix of collection names on the Qdrant server.")
    qdrant_shards: int = Field(1, ge=1, description="Shards of each collection on a Qdrant cluster.")
    qdrant_replicas: int = Field(1, ge=1, description="Copies of each shard on a Qdrant cluster.")
    qdrant_quantized: bool = Field(
        False, description="Keep passage vectors as bytes in the memory of the Qdrant server, and in full on its disk."
    )
    max_document_bytes: int = Field(
        20_000_000, gt=0, description="Files larger than this are listed as failed and not read."
    )
    max_deleted_share: float = Field(
        0.5, ge=0, le=1, description="An ingest that would remove a larger share of a source stops and asks."
    )

    read_seconds: float = Field(
        120.0, gt=0, description="Seconds that reading one file may take before it is given up."
    )
    sources_file: Path = Field(
        Path("groundwatch.yaml"), description="File that declares the sources; `groundwatch sync` reads them."
    )

    @property
    def sources_dir(self) -> Path:
        """Folder in which sources keep what they fetched: mirrors of repositories, validators of pages."""
        return self.data_dir / "sources"

    @property
    def knowledge_dir(self) -> Path:
        """Folder of generations, manifest and embedding cache."""
        return self.data_dir / "knowledge"

    @property
    def manifest_file(self) -> Path:
        """The manifest of the store in use: what an embedded index holds says nothing about a server."""
        name = "manifest.sqlite" if self.qdrant_url is None else f"manifest-{self.qdrant_prefix}.sqlite"
        return self.knowledge_dir / name
