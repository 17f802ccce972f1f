"""What is shipped: the wheel, its extras, the pins and the commands."""

import importlib.util
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PACKAGES = ("api", "evals", "flows", "ingest", "ui")
HEAVY = (
    "fastapi",
    "llama_index",
    "prefect",
    "qdrant_client",
    "qdrant_edge",
    "ragas",
    "sqlalchemy",
    "streamlit",
)
HEAVIER = ("sentence_transformers", "torch", "unstructured")


@pytest.fixture(scope="module")
def project(repository: Path) -> dict[str, Any]:
    """Return the `project` table of pyproject.toml."""
    table: dict[str, Any] = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]
    return table


@pytest.fixture(scope="module")
def pins(repository: Path) -> dict[str, str]:
    """Return the versions in constraints.txt by canonical name."""
    lines = (repository / "constraints.txt").read_text("utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pairs}


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from this tree and return its path."""
    target = tmp_path_factory.mktemp("wheel")
    _run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target)], cwd=repository)
    return next(target.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel where our dependencies are seen and this repository is not; return its bin folder."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, with_pip=False)
    bin_dir = home / "bin"
    pip = [sys.executable, "-m", "pip", "--python", str(bin_dir / "python"), "--disable-pip-version-check"]
    _run([*pip, "install", "-q", "--no-deps", "--no-index", str(wheel)], cwd=home)
    # A path line adds the libraries without following the .pth file of the editable install beside them.
    site = home / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    return bin_dir


def test_every_library_named_in_pyproject_is_pinned_to_a_version_it_allows(
    project: dict[str, Any], pins: dict[str, str]
) -> None:
    missing = [
        str(requirement)
        for requirement in _libraries(project)
        if not requirement.specifier.contains(pins.get(canonicalize_name(requirement.name), "0.dev0"))
    ]

    assert missing == []


def test_the_pins_are_plain_versions_without_addresses(repository: Path) -> None:
    lines = (repository / "constraints.txt").read_text("utf-8").splitlines()

    assert [line for line in lines if not re.fullmatch(r"#.*|[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.!]*", line)] == []


def test_the_api_needs_no_ragas_no_unstructured_and_no_prefect(project: dict[str, Any]) -> None:
    names = _extra(project, "api")

    assert names >= {"fastapi", "qdrant-client", "torch"}
    assert names.isdisjoint({"ragas", "unstructured", "prefect", "streamlit", "langchain-community"})


def test_the_app_needs_nothing_of_the_other_folders(project: dict[str, Any]) -> None:
    assert _extra(project, "ui") == {"markupsafe", "streamlit"}


def test_all_takes_every_extra_that_is_not_for_development(project: dict[str, Any]) -> None:
    others = set(project["optional-dependencies"]) - {"all", "dev", "dask", "ray"}

    assert _extra(project, "all") == set().union(*(_extra(project, name) for name in others))


def test_every_command_names_something_that_exists(project: dict[str, Any]) -> None:
    targets = [*project["scripts"].values(), *project["entry-points"]["groundwatch.commands"].values()]

    missing = [target for target in targets if not _defines(target)]

    assert missing == []


def test_help_starts_without_the_heavy_libraries() -> None:
    code = (
        "import sys; from api.cli import main\n"
        "try: main(['--help'])\n"
        f"finally: print(sorted(set({HEAVY + HEAVIER!r}) & set(sys.modules)), file=sys.stderr)"
    )

    done = _run([sys.executable, "-c", code])

    assert done.stderr.strip() == "[]"


@pytest.mark.slow
def test_the_wheel_holds_the_packages_and_the_handbook_and_no_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    top = {name.partition("/")[0] for name in names}

    assert {name for name in top if not name.endswith(".dist-info")} == set(PACKAGES)
    assert any(name.startswith("evals/handbook/") and name.endswith(".md") for name in names)
    assert [name for name in names if "__pycache__" in name] == []


@pytest.mark.slow
@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_imports_from_the_installed_wheel(installed: Path, package: str) -> None:
    done = _run([str(installed / "python"), "-I", "-c", f"import {package}; print({package}.__file__)"])

    assert Path(done.stdout.strip()).is_relative_to(installed.parent)


@pytest.mark.slow
def test_the_installed_command_lists_every_command(installed: Path, project: dict[str, Any]) -> None:
    done = _run([str(installed / "groundwatch"), "--help"], cwd=installed)

    listed = {line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ") and line.strip()}
    assert listed >= set(project["entry-points"]["groundwatch.commands"])


def _run(command: list[str], cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command} gave {done.returncode}:\n{done.stdout}{done.stderr}"
    return done


def _libraries(project: dict[str, Any]) -> list[Requirement]:
    lists: Iterable[list[str]] = [project["dependencies"], *project["optional-dependencies"].values()]
    requirements = [Requirement(line) for lines in lists for line in lines]
    return [requirement for requirement in requirements if requirement.name != "groundwatch"]


def _extra(project: dict[str, Any], name: str) -> set[str]:
    """Return the libraries of an extra, those of the extras that it takes in included."""
    found: set[str] = set()
    for line in project["optional-dependencies"][name]:
        requirement = Requirement(line)
        if requirement.name == "groundwatch":
            found.update(*(_extra(project, extra) for extra in requirement.extras))
        else:
            found.add(canonicalize_name(requirement.name))
    return found


def _defines(target: str) -> bool:
    """Tell whether `module:name` exists, reading the module without importing it."""
    module, _, name = target.partition(":")
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return False
    if spec is None or spec.origin is None:
        return False
    return re.search(rf"^(def {name}\b|{name}\b.*=)", Path(spec.origin).read_text("utf-8"), re.MULTILINE) is not None
