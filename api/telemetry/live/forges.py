"""What GitHub and GitLab share: repositories asked one by one, pages read until they are too old."""

from collections.abc import Callable, Iterator
from typing import Any

from api.investigation.observations import SourceClass
from api.investigation.telemetry import Happening
from api.investigation.windows import Window
from api.telemetry.live.adapters import Asked
from api.telemetry.live.asking import Unanswered
from api.telemetry.live.settings import Repository

PAGE = 100
_MOST_PAGES = 20


class ForgeTelemetry(Asked):
    """Changes of repositories; a forge says which lists there are."""

    def happenings(self, window: Window) -> Iterator[Happening]:
        """Give the changes inside `window`, those of every repository in order of time."""
        found: list[Happening] = []
        wanted = [one for one in self.settings.repositories if self.is_wanted(one.about)]
        for own in self.asking.each(lambda one: self._of(one, window), wanted):
            found.extend(own)
        for happening in sorted(found, key=lambda one: (one.at, one.kind, one.ref)):
            if happening.at in window and self.account.room(SourceClass.CHANGE, 1):
                yield happening

    def lists(self) -> tuple[Callable[[Repository, Window], Iterator[Happening]], ...]:
        """Return what reads each list of one repository."""
        raise NotImplementedError

    def pages(self, path: str, params: dict[str, Any]) -> Iterator[Any]:
        """Give the records of a list, page after page. Raises Unanswered."""
        for page in range(1, _MOST_PAGES + 1):
            told = self.asking.get(path, {**params, "per_page": PAGE, "page": page})
            if not isinstance(told, list):
                raise Unanswered(f"its answer to {path} is no list")
            yield from told
            if len(told) < PAGE:
                return
        self.account.lacks(SourceClass.CHANGE, f"no more than {PAGE * _MOST_PAGES:,} records are read of a list")

    def _of(self, repository: Repository, window: Window) -> list[Happening]:
        found: list[Happening] = []
        for read in self.lists():
            try:
                found.extend(read(repository, window))
            except Unanswered as error:
                self.account.lacks(SourceClass.CHANGE, f"{repository.path}: {error}")
            except (KeyError, TypeError, ValueError, AttributeError):
                self.account.lacks(SourceClass.CHANGE, f"{repository.path}: a record could not be understood")
        return found
