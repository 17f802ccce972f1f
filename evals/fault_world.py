"""The small world that a fault strikes: documents, a knowledge base of their first version, a reader of it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from api.serving import ServedKnowledge
from evals.fault_child import open_source
from evals.fault_material import probes, version, write_documents
from evals.fault_moments import watched_workshop
from evals.fault_state import Held, held
from evals.fault_wiki import Wiki, serving, wiki_path
from evals.hashing_embedder import HashingEmbedder
from ingest.errors import KnowledgeError
from ingest.knowledge.edge_store import EdgeStore
from ingest.knowledge.generation_files import copy_tree
from ingest.pipeline import ingest
from ingest.runs import IngestResult

_DISK = 700 << 20  # bytes of a disk of its own: room for two generations and what a run wants free
_CHILD_SECONDS = 120


@dataclass(frozen=True, slots=True)
class World:
    """`documents` is the folder that is read, `aside` a copy of it; `disk` is where a full disk would be full."""

    folder: Path
    source: str
    wiki: Wiki | None = None

    @property
    def knowledge(self) -> Path:
        """The directory of the index."""
        return self.folder / "disk" / "knowledge"

    @property
    def filler(self) -> Path:
        """A file that takes the space of the index's disk."""
        return self.folder / "disk" / "filler"

    @property
    def documents(self) -> Path:
        """The folder of documents."""
        return self.folder / "documents"

    @property
    def aside(self) -> Path:
        """The same documents once more."""
        return self.folder / "aside"

    def start(self, *options: str) -> "subprocess.Popen[str]":
        """Start a sync in a process of its own."""
        command = [sys.executable, "-m", "evals.fault_child", str(self.knowledge), self.source, *options]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
        )

    def sync(self, *options: str) -> str:
        """Sync in a process of its own and return what a person sees of it."""
        return self.seen(self.start(*options))

    def seen(self, child: "subprocess.Popen[str]") -> str:
        """Wait for a sync and return what it said, or which signal ended it; raises KnowledgeError for a crash."""
        said, complained = child.communicate(timeout=_CHILD_SECONDS)
        if child.returncode < 0:
            return f"(ended by signal {-child.returncode}; it says nothing)"
        if child.returncode > 1 or "Traceback" in complained:
            raise KnowledgeError(f"a sync of the fault matrix broke: {complained.strip()[-600:]}")
        return said.strip().replace(f"{self.folder}/disk", "/data").replace(str(self.folder), "/shop")

    def sync_here(self) -> tuple[IngestResult, int]:
        """Sync in this process; return the result and how many passages were embedded."""
        with closing(watched_workshop(self.knowledge)) as workshop:
            result = ingest(workshop, [open_source(self.source)])
            return result, result.embedded

    def held(self) -> Held:
        """Read what is served and known."""
        with closing(watched_workshop(self.knowledge)) as workshop:
            return held(workshop)

    def edit(self) -> None:
        """Give the source its second version."""
        if self.wiki is not None:
            self.wiki.pages = version(2)
            return
        write_documents(self.documents, version(2))
        shutil.copytree(self.documents, self.aside)

    def restore(self) -> None:
        """Bring the folder of documents back as it was, with its times."""
        shutil.rmtree(self.documents, ignore_errors=True)
        shutil.copytree(self.aside, self.documents)

    @property
    def probes(self) -> Mapping[str, str]:
        """Questions with the path of their only right answer."""
        named = wiki_path if self.wiki is not None else str
        return {question: named(name) for question, name in probes().items()}


@dataclass(frozen=True, slots=True)
class Origin:
    """A knowledge base of version 1, made once, with the states before and after an undisturbed run."""

    folder: Path
    old: Held
    new: Held


def prepare(folder: Path, *, wiki: bool) -> Origin:
    """Make the knowledge base that worlds start from, and see what an undisturbed run makes of version 2."""
    with _world(folder / "origin", None, wiki=wiki, disk=False) as world:
        world.sync_here()
        old = world.held()
        kept = folder / "kept"
        copy_tree(world.knowledge, kept / "knowledge")
        if not wiki:
            shutil.copytree(world.documents, kept / "documents")
        world.edit()
        world.sync_here()
        return Origin(kept, old, world.held())


@contextmanager
def world_of(origin: Origin, folder: Path, *, wiki: bool, disk: bool) -> Iterator[World]:
    """Make a world in which version 1 is served and version 2 waits to be read; `disk` gives it a disk of its own."""
    with _world(folder, origin, wiki=wiki, disk=disk) as world:
        world.edit()
        yield world


@contextmanager
def answering(world: World) -> Iterator[ServedKnowledge]:
    """Serve the world's knowledge in this process, as the API does."""
    served = ServedKnowledge(EdgeStore(world.knowledge, HashingEmbedder.dimension), HashingEmbedder(), check_every=0)
    try:
        yield served
    finally:
        served.close()


def right_answers(served: ServedKnowledge, world: World) -> int:
    """Return how many of the probes find their document first."""
    right = 0
    for question, path in world.probes.items():
        with served.answering() as serving:
            hits = serving.searcher.search(question, limit=1)
        right += bool(hits) and hits[0].stored.document.path == path
    return right


def can_mount() -> bool:
    """Tell whether this user may give a world a disk of its own."""
    return sys.platform == "linux" and os.geteuid() == 0 and Path("/dev/loop-control").exists()


@contextmanager
def _world(folder: Path, origin: Origin | None, *, wiki: bool, disk: bool) -> Iterator[World]:
    folder.mkdir(parents=True)
    with ExitStack() as stack:
        if disk:
            stack.enter_context(_mounted(folder))
        served = stack.enter_context(serving(version(1))) if wiki else None
        place = f"wiki:{served.url}" if served else f"folder:{folder / 'documents'}"
        world = World(folder, place, served)
        world.knowledge.mkdir(parents=True)
        if origin is not None:
            copy_tree(origin.folder / "knowledge", world.knowledge)
        if origin is not None and not wiki:
            shutil.copytree(origin.folder / "documents", world.documents)
        elif not wiki:
            write_documents(world.documents, version(1))
        yield world


@contextmanager
def _mounted(folder: Path) -> Iterator[None]:
    """Mount a small ext4 file system at `disk`, out of a file."""
    image, place = folder / "disk.img", folder / "disk"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(_DISK)
    _run("mkfs.ext4", "-q", "-F", "-m", "0", str(image))
    _run("mount", "-o", "loop", str(image), str(place))
    try:
        yield
    finally:
        _run("umount", "-l", str(place))
        image.unlink()


def _run(*command: str) -> None:
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PATH": path}, check=False)
    if done.returncode:
        raise KnowledgeError(f"{command[0]!r} failed: {done.stderr.strip()}; run without --disk, or as root")
