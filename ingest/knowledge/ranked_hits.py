"""Cut search results at a limit so that ties fall the same way each time."""

from collections.abc import Callable

from ingest.knowledge.index import LegHit

_SPARE = 16  # fetched beyond the limit, so that one call is enough unless many passages tie


def best_hits(fetch: Callable[[int], list[LegHit]], limit: int) -> list[LegHit]:
    """Return the first `limit` hits by score, then passage id.

    `fetch(n)` returns the n best hits, with ties in any order. Where a tie crosses the end of what was
    fetched, more is fetched until all of its members are known.
    """
    if limit < 1:
        return []
    wanted = limit + _SPARE
    while True:
        hits = fetch(wanted)
        complete = len(hits) < wanted
        hits.sort(key=lambda hit: (-hit.score, hit.passage_id))
        if complete or hits[-1].score < hits[limit - 1].score:
            return hits[:limit]
        wanted *= 4
