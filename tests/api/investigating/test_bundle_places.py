"""Where bundles lie: names stay inside their place, uploads come whole or not at all, leftovers go."""

import io
import os
import tarfile
import time
from pathlib import Path

import pytest

from api.errors import NotFound, UsageError
from api.investigating.bundle_places import BundlePlaces


@pytest.fixture
def places(tmp_path: Path) -> BundlePlaces:
    (tmp_path / "bundles" / "team" / "incident").mkdir(parents=True)
    (tmp_path / "secret").mkdir()
    return BundlePlaces(tmp_path / "bundles", tmp_path / "uploads", most_sent=1000)


def _archive(path: Path, *names: str) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 2
            tar.addfile(member, io.BytesIO(b"{}"))
    return path


def test_a_name_leads_to_its_folder(places: BundlePlaces, tmp_path: Path) -> None:
    assert places.folder("team/incident") == tmp_path / "bundles" / "team" / "incident"


@pytest.mark.parametrize(
    "name",
    ["../secret", "team/../../secret", "/etc", "//etc", "", ".", "..", "team//incident", "a\\b", "a\0b",
     "upload:../secret", "upload:", "upload:/etc", "upload:.."],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_is_refused(places: BundlePlaces, name: str) -> None:
    places.uploads.mkdir()

    with pytest.raises((UsageError, NotFound)):
        places.folder(name)


def test_links_out_of_the_place_are_refused_wherever_they_stand(places: BundlePlaces, tmp_path: Path) -> None:
    (tmp_path / "bundles" / "out").symlink_to(tmp_path / "secret")
    (tmp_path / "bundles" / "team" / "incident" / "logs").symlink_to(tmp_path / "secret")

    with pytest.raises(UsageError, match="leads out"):
        places.folder("out")
    with pytest.raises(UsageError, match="holds a link out"):
        places.folder("team/incident")


def test_a_link_inside_the_place_may_be(places: BundlePlaces, tmp_path: Path) -> None:
    (tmp_path / "bundles" / "latest").symlink_to(tmp_path / "bundles" / "team" / "incident")

    assert places.folder("latest").name == "incident"


def test_a_link_to_itself_and_a_missing_folder_are_not_found(places: BundlePlaces, tmp_path: Path) -> None:
    (tmp_path / "bundles" / "loop").symlink_to(tmp_path / "bundles" / "loop")

    for name in ("loop", "gone", "team/" + "x" * 300):
        with pytest.raises(NotFound, match="no bundle"):
            places.folder(name)


def test_without_a_folder_of_bundles_the_setting_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="GROUNDWATCH_BUNDLES_DIR is not set"):
        BundlePlaces(None, tmp_path).folder("a")


def test_an_upload_becomes_a_bundle_and_can_be_removed(places: BundlePlaces, tmp_path: Path) -> None:
    one = places.receive(_archive(tmp_path / "a", "incident-7/case.json"))
    flat = places.receive(_archive(tmp_path / "b", "case.json", "logs.jsonl"))

    assert places.folder(one).name == "incident-7"
    assert sorted(path.name for path in places.folder(flat).iterdir()) == ["case.json", "logs.jsonl"]

    places.remove(one)
    places.remove(flat)
    places.remove("team/incident")
    places.remove("upload:../bundles")

    assert list(places.uploads.iterdir()) == []
    assert places.folder("team/incident").is_dir()


def test_an_upload_that_is_refused_leaves_nothing(places: BundlePlaces, tmp_path: Path) -> None:
    for name in ("../evil", "."):
        with pytest.raises(UsageError):
            places.receive(_archive(tmp_path / "a", "ok", name))

    with pytest.raises(UsageError, match="holds no file"):
        places.receive(_archive(tmp_path / "a"))

    assert list(places.uploads.iterdir()) == []


def test_an_upload_over_the_limit_is_refused_and_goes(places: BundlePlaces) -> None:
    with places.receiving() as incoming:
        incoming.write(b"x" * 600)
        with pytest.raises(UsageError, match="larger than 1,000 bytes"):
            incoming.write(b"x" * 600)

    assert list(places.uploads.iterdir()) == []


def test_only_old_uploads_that_nothing_names_are_swept(places: BundlePlaces, tmp_path: Path) -> None:
    kept, left = (places.receive(_archive(tmp_path / "a", "incident/case.json")) for _ in range(2))
    (places.uploads / ".half.part").write_bytes(b"x")
    for path in places.uploads.iterdir():
        os.utime(path, (1, 1))
    fresh = places.receive(_archive(tmp_path / "a", "incident/case.json"))

    removed = places.sweep({kept, "team/incident"}, before=time.time() - 60)

    assert removed == 2
    assert places.folder(kept).is_dir()
    assert places.folder(fresh).is_dir()
    with pytest.raises(NotFound):
        places.folder(left)
