"""Sitemaps: the addresses that a site lists itself, with the dates it gives them (sitemaps.org, version 0.9)."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ingest.sources.web_client import AnswerKind, WebClient
from ingest.sources.web_urls import Site

_MOST_FILES = 500
_DEEPEST = 3
_MOST_UNPACKED = 60_000_000  # the protocol's limit is 50 MB


class SitemapBroken(Exception):
    """A sitemap cannot be used; `str(error)` says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """One address of a sitemap; `modified` is its date, None where it gives none that can be trusted."""

    url: str
    modified: datetime | None = None


@dataclass(slots=True)
class SitemapListing:
    """What the sitemaps of a site list, and what of them could not be read."""

    places: list[Place] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    files: int = 0


def read_sitemaps(client: WebClient, site: Site, url: str) -> SitemapListing:
    """Read a sitemap and those it refers to; a part that fails is a problem, and the rest is listed."""
    listing = SitemapListing()
    seen = {url}
    waiting = [(url, 0)]
    while waiting:
        address, depth = waiting.pop(0)
        if listing.files == _MOST_FILES:
            listing.problems.append(f"more than {_MOST_FILES} sitemaps; the rest was not read")
            break
        listing.files += 1
        try:
            for tag, place in _entries(_content(client, address)):
                there = site.resolve(place.url, address)
                if there is None:
                    continue
                if tag == "url":
                    listing.places.append(replace(place, url=there))
                elif there not in seen and depth < _DEEPEST:
                    seen.add(there)
                    waiting.append((there, depth + 1))
        except SitemapBroken as error:
            listing.problems.append(f"sitemap {address!r}: {error}")
    return listing


def _content(client: WebClient, url: str) -> bytes:
    answer = client.get(url, follow=True)
    if answer.kind is not AnswerKind.FRESH:
        step = "the next sync asks again" if answer.kind is AnswerKind.FAILED else "check its address"
        raise SitemapBroken(f"cannot be read ({answer.reason or answer.kind}); {step}")
    if not answer.body.startswith(b"\x1f\x8b"):
        return answer.body
    unpacker = zlib.decompressobj(wbits=31)
    try:
        body = unpacker.decompress(answer.body, _MOST_UNPACKED)
    except zlib.error as error:
        raise SitemapBroken(f"is a damaged gzip file ({error})") from error
    if not unpacker.eof:
        raise SitemapBroken(f"is cut off, or has more than {_MOST_UNPACKED:,} bytes unpacked")
    return body


def _entries(content: bytes) -> Iterator[tuple[str, Place]]:
    """Yield ("url" or "sitemap", place) for each entry of a sitemap in XML or, a line each, in plain text."""
    from lxml import etree  # type: ignore[import-untyped]  # lxml ships no hints

    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        for line in content.decode("utf-8-sig", "replace").splitlines():
            if line.strip().startswith(("http://", "https://")):
                yield "url", Place(line.strip())
        return
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.LxmlError as error:
        raise SitemapBroken(f"is no whole XML ({error})") from error
    if root.tag.rpartition("}")[2] not in ("urlset", "sitemapindex"):
        raise SitemapBroken(f"is no sitemap but <{root.tag.rpartition('}')[2]}>")
    for element in root.iterchildren("{*}url", "{*}sitemap"):
        location = (element.findtext("{*}loc") or "").strip()
        if location:
            yield element.tag.rpartition("}")[2], Place(location, moment(element.findtext("{*}lastmod") or ""))


def moment(text: str) -> datetime | None:
    """Read a W3C date and time (a subset of ISO 8601); None for what is none, or lies in the future."""
    try:
        stated = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    aware = stated if stated.tzinfo else stated.replace(tzinfo=UTC)
    return aware if aware <= datetime.now(UTC) else None
