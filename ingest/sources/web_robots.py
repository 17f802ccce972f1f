"""robots.txt: which pages a site lets be read, and how fast (RFC 9309, and the common Crawl-delay)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.sources.web_client import AnswerKind, WebClient
from ingest.sources.web_urls import Site

if TYPE_CHECKING:
    from protego import Protego

ROBOT_NAME = "groundwatch"
_LONGEST_DELAY = 60.0


class RobotsUnknown(Exception):
    """The site has rules and they could not be read; until they can, everything counts as refused."""


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one site; without rules everything may be read."""

    rules: "Protego | None" = None

    def allows(self, url: str) -> bool:
        """Tell whether a page may be read."""
        return self.rules is None or bool(self.rules.can_fetch(url, ROBOT_NAME))

    @property
    def delay(self) -> float:
        """Seconds between two requests that the site asks for, 60 at most."""
        asked = self.rules.crawl_delay(ROBOT_NAME) if self.rules else None
        return min(max(float(asked or 0), 0.0), _LONGEST_DELAY)


def read_robots(client: WebClient, site: Site) -> Robots:
    """Read the rules of a site; a site that has none (4xx) refuses nothing.

    Raises RobotsUnknown where the server fails, as RFC 9309, section 2.3.1.4, asks.
    """
    from protego import Protego

    answer = client.get(f"{site.root}/robots.txt", follow=True)
    if answer.kind in (AnswerKind.FAILED, AnswerKind.TOO_LARGE):
        raise RobotsUnknown(f"{site.root}/robots.txt cannot be read ({answer.reason})")
    if answer.kind is not AnswerKind.FRESH:
        return Robots()
    return Robots(Protego.parse(answer.body[:512_000].decode("utf-8", "replace")))
