"""When each change began to act: the deployment that carried it, whether or not it bears the change's own name."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from api.investigation.suspects.diffs import Diff, FileRole, role_of
from api.investigation.suspects.words import stem
from api.investigation.telemetry import Happening

SHORT_NAME = 7
"""Characters of a commit's name that tell it from others."""

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_GENERAL = frozenset(["service", "services", "svc", "server", "srv", "app", "api", "worker", "job", "the"])
_SERVICE = re.compile(r"^(?:services|apps|cmd)/")  # folders whose parts belong to one component each
_COMMIT, _DEPLOY = "commit", "deploy"


@dataclass(frozen=True, slots=True)
class Acting:
    """From when a change acted, and where: `by` is the deployment that carried it, where one is known.

    `at` is None where deployments are known and none of them carried it in time; `own` tells whether the deployment
    bears its name.
    """

    at: int | None
    component: str | None
    by: Happening | None
    own: bool = False


def same_commit(one: str, other: str) -> bool:
    """Tell whether two names of a commit are the same one, of which either may be cut short."""
    short, long = sorted((one, other), key=len)
    return short == long or (len(short) >= SHORT_NAME and long.startswith(short))


def touches(component: str, file: str) -> bool:
    """Tell whether a file is of a component by name: a folder of its path is called like it."""
    own = _names(component)
    return bool(own) and any(own <= _names(part) or _names(part) == own for part in file.split("/")[:-1] if part)


class Deployments:
    """All known deployments, in order, with the commits that they are made of."""

    def __init__(self, changes: Sequence[Happening]) -> None:
        self._all = sorted((one for one in changes if one.kind == _DEPLOY), key=lambda one: (one.at, one.title))
        self._components = sorted({one.component for one in self._all if one.component})
        self._by_commit = _by_name(one for one in self._all if one.ref)
        made = _by_name(one for one in changes if one.kind == _COMMIT and one.ref)
        self._made = [_made_of(one, made) for one in self._all]

    def own(self, commit: str) -> Happening | None:
        """Return the first deployment that bears a commit's name."""
        return next((one for one in self._by_commit.get(commit[:SHORT_NAME], ()) if same_commit(one.ref, commit)), None)

    def acting(self, change: Happening, diff: Diff) -> Acting:
        """Return from when a change acted.

        A flag or a setting acts at once. A commit acts from its own deployment; else from the first one, at or after
        it, of a component whose files it touches, or of any component where it touches shared ones: what is deployed
        carries all that came before. Where no deployment at all is known, it acts from its own time.
        """
        if change.kind != _COMMIT:
            return Acting(change.at, change.component, change if change.kind == _DEPLOY else None, own=True)
        own = self.own(change.ref) if change.ref else None
        if own is not None:
            return Acting(own.at, own.component, own, own=True)
        if not self._all:
            return Acting(change.at, change.component, None)
        for one, made in zip(self._all, self._made, strict=True):
            if change.at <= made and (one.component is None or self._reaches(one.component, diff)):
                return Acting(one.at, change.component or one.component, one)
        return Acting(None, change.component, None)

    def _reaches(self, component: str, diff: Diff) -> bool:
        """Tell whether a deployment of `component` can carry a diff: it touches its files, or shared ones."""
        live = [file for file in diff.files if role_of(file) is not FileRole.QUIET] or list(diff.files)
        if not live or any(touches(component, file) for file in live):
            return True
        others = [one for one in self._components if one != component]
        return any(not any(touches(other, file) for other in others) and not _SERVICE.match(file) for file in live)


def _by_name(happenings: Iterable[Happening]) -> dict[str, list[Happening]]:
    found: dict[str, list[Happening]] = {}
    for one in happenings:
        found.setdefault(one.ref[:SHORT_NAME], []).append(one)
    return found


def _made_of(deployment: Happening, commits: Mapping[str, Sequence[Happening]]) -> int:
    """Return the time of the commit that a deployment is made of, else its own; a commit is never younger than it."""
    known = [one.at for one in commits.get(deployment.ref[:SHORT_NAME], ()) if same_commit(one.ref, deployment.ref)]
    return min(known[0], deployment.at) if known else deployment.at


def _names(text: str) -> frozenset[str]:
    words = [word.lower() for word in _PARTS.findall(text)]
    cut = [re.sub(r"(?:service|svc|server)$", "", word) for word in words]
    return frozenset(stem(word) for word in cut if word and word not in _GENERAL)
