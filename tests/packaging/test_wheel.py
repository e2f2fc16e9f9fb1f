"""The wheel holds every package and every data file, and installs into an empty environment."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from leadworth import __version__

ROOT = Path(__file__).parents[2]
PACKAGES = (
    "leadworth",
    "store",
    "crm",
    "features",
    "models",
    "conversions",
    "monitoring",
    "reporting",
    "training",
    "serving",
    "simulation",
)


def tracked(*packages: str) -> set[str]:
    """Return the files of the packages that git tracks or would add, as paths of the repository."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "--", *packages]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")
    return {name for name in listed if name and (ROOT / name).is_file()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", build, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return folder / done.stdout.strip().splitlines()[-1]


def test_the_wheel_is_of_this_version(wheel: Path) -> None:
    assert wheel.name == f"leadworth-{__version__}-py3-none-any.whl"


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="the list of files comes from git")
def test_the_wheel_has_every_file_of_the_packages_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert packed == tracked(*PACKAGES)


def test_the_wheel_brings_the_command_its_types_and_its_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        entry = next(name for name in names if name.endswith("entry_points.txt"))
        assert "leadworth = leadworth.cli:main" in archive.read(entry).decode()
        assert "leadworth/py.typed" in names
        assert any(name.endswith("licenses/LICENSE") for name in names)


@pytest.mark.slow
def test_a_fresh_environment_runs_the_command(wheel: Path, tmp_path: Path) -> None:
    """Install the locked requirements and the wheel with pip alone, and call the command elsewhere."""
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "--requirement", str(ROOT / "requirements.lock")], check=True)
    subprocess.run([*pip, "--no-deps", str(wheel)], check=True)
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV_"))}

    def leadworth(*arguments: str) -> str:
        command = [str(venv / "bin" / "leadworth"), *arguments]
        return subprocess.run(command, cwd=tmp_path, env=plain, capture_output=True, text=True, check=True).stdout

    assert leadworth("--version") == f"leadworth {__version__}\n"
    assert "leadworth init" in leadworth("init", "--help")
