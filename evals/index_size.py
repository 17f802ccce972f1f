"""What a passage takes in an index: bytes of its payload, its sparse terms, its vector, and all of it on disk."""

import json
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import click

from evals.console import plain_errors, table, write_json
from evals.corpus import configured_embedder, open_workshop
from ingest.knowledge.index import IndexReader
from ingest.knowledge.lexical import LexicalEncoder, passage_identifiers
from ingest.knowledge.payloads import passage_payload

_FLOAT = 4  # bytes of a float32
_TERM = 8  # bytes of one sparse term: its number (uint32) and its weight (float32)


@dataclass(frozen=True, slots=True)
class IndexSize:
    """Means over all passages. Bytes but for `terms` and `identifiers`, which count sparse terms.

    `payload` is the payload as JSON, `shard` and `catalog` what the files take on disk, by passage.
    """

    passages: int
    documents: int
    dense: float
    terms: float
    identifiers: float
    payload: float
    shard: float
    catalog: float

    @property
    def sparse(self) -> float:
        """Bytes of both sparse vectors."""
        return _TERM * (self.terms + self.identifiers)


@click.command(help=__doc__)
@click.option("--data-dir", type=click.Path(path_type=Path), required=True, help="Data directory with an index.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the report here too.")
def main(data_dir: Path, json_file: Path | None) -> None:
    """Measure the generation being served; nobody else may have it open."""
    with plain_errors():
        with (
            closing(open_workshop(data_dir, configured_embedder())) as workshop,
            closing(workshop.store.open()) as found,
        ):
            size = measure_size(found, data_dir / "knowledge" / "generations" / str(workshop.store.current()))
        _show(size)
        if json_file:
            write_json(json_file, size)


def measure_size(reader: IndexReader, generation: Path) -> IndexSize:
    """Read every passage of a generation, and add up the files in its directory."""
    described = reader.describe()
    encoder = LexicalEncoder(described.average_length)
    terms = identifiers = payload = 0
    for facts in reader.documents():
        stem = Path(facts.path).name.split(".")[0]
        for stored in reader.passages_of(facts.id):
            passage = stored.passage
            terms += len(encoder.passage(passage.index_text).indices)
            found = passage_identifiers(facts.title, stem, passage.heading_path, passage.identifiers)
            identifiers += len(found.indices)
            payload += len(json.dumps(passage_payload(passage, facts), ensure_ascii=False).encode())
    n = max(1, described.passages)
    return IndexSize(
        passages=described.passages,
        documents=described.documents,
        dense=described.dimension * _FLOAT,
        terms=terms / n,
        identifiers=identifiers / n,
        payload=payload / n,
        shard=_on_disk(generation / "shard") / n,
        catalog=_on_disk(generation / "documents.sqlite") / n,
    )


def _on_disk(place: Path) -> int:
    files = [place] if place.is_file() else [path for path in place.rglob("*") if path.is_file()]
    return sum(path.stat().st_blocks * 512 for path in files)


def _show(size: IndexSize) -> None:
    rows = [
        ("dense vector", f"{size.dense:,.0f} B"),
        ("lexical terms", f"{size.terms:.1f}"),
        ("identifier terms", f"{size.identifiers:.1f}"),
        ("both sparse vectors, 8 B a term", f"{size.sparse:,.0f} B"),
        ("payload as JSON", f"{size.payload:,.0f} B"),
        ("shard on disk", f"{size.shard:,.0f} B"),
        ("documents on disk", f"{size.catalog:,.0f} B"),
    ]
    click.echo(f"{size.documents:,} documents, {size.passages:,} passages")
    click.echo(table(("of one passage, mean", "value"), rows))


if __name__ == "__main__":
    main()
