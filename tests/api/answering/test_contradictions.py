"""Contradictions between documents about the same named thing."""

from pathlib import Path

import pytest

from api.answering.contradictions import find_contradictions
from tests.small_knowledge import build_knowledge

FIRST = (
    "# {title}\n\nThe alert fires when at least {figure} of all requests to the cluster failed in the past minutes.\n"
)


def _found(folder: Path, files: dict[str, str]) -> list[tuple[str, str, str]]:
    reader = build_knowledge(folder, files).reader
    found = find_contradictions(reader, reader.documents(), {})
    return [(one.about, one.first.quote, one.second.quote) for one in found]


def _page(title: str, figure: str) -> str:
    return FIRST.format(title=title, figure=figure)


def test_two_pages_about_one_alert_with_other_figures_contradict_each_other(tmp_path: Path) -> None:
    files = {"a.md": _page("KubeApiErrors", "5%"), "b.md": _page("KubeApiErrors", "50%")}

    ((about, first, second),) = _found(tmp_path, files)

    assert about == "KubeApiErrors"
    assert ("5%" in first, "50%" in second) == (True, True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (_page("KubeApiErrors", "5%"), _page("KubeApiErrors", "5%")),
        (_page("KubeApiErrors", "5%"), _page("EtcdErrors", "50%")),
        (_page("KubeApiErrors in release 1.29", "5%"), _page("KubeApiErrors in release 1.30", "50%")),
        (_page("Switch KubeApiErrors on", "5%"), _page("Silence KubeApiErrors", "50%")),
        (_page("KubeApiErrors", "5%"), "---\nstatus: deprecated\n---\n" + _page("KubeApiErrors", "50%")),
    ],
    ids=["same figure", "other alert", "other version", "other task", "deprecated"],
)
def test_pages_that_speak_of_different_things_do_not(tmp_path: Path, one: str, other: str) -> None:
    assert _found(tmp_path, {"a.md": one, "b.md": other}) == []
