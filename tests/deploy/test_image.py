"""The image: its steps run in a Debian chroot, and the service starts from the result with a read-only root."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from leadworth.settings import load_settings
from models.model_registry import ModelRegistry
from tests.deploy import image_steps
from tests.deploy.image_steps import Stage
from tests.e2e.test_serve import LEAD, status
from tests.make_bundle import make_bundle

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
PORT = "18473"
TOML = """
currency = "EUR"
[leads]
path = "leads.csv"
"""
DEBIAN = "DEBIAN_CHROOT"
"""A folder made by `debootstrap --variant=minbase bookworm`, instead of a new one."""


def last_stage() -> Stage:
    return image_steps.parse(DOCKERFILE)[-1]


def test_the_image_runs_as_a_number_that_is_not_root() -> None:
    [user] = last_stage().values("USER")
    assert user == "10001:10001"


def test_what_is_written_is_the_volume_and_the_cache_of_machine_code_is_in_it() -> None:
    stage = last_stage()
    assert json.loads(stage.values("VOLUME")[0]) == ["/srv/leadworth"]
    assert stage.values("WORKDIR") == ["/srv/leadworth"]
    assert stage.environment["NUMBA_CACHE_DIR"].startswith("/srv/leadworth/")


def test_the_wheel_is_installed_from_the_lock() -> None:
    steps = " ".join(step.value for step in image_steps.parse(DOCKERFILE)[0].instructions)
    _, *installs = steps.split("uv pip install")
    assert installs
    for install in installs:
        assert "--constraint requirements.lock" in install or "--no-deps" in install


@pytest.mark.parametrize(
    "name",
    ["leadworth.toml", "leadworth.db", "store/leadworth.db", ".leadworth/installation.key", ".git/config", ".env"],
)
def test_nothing_of_a_project_folder_enters_the_build(name: str) -> None:
    patterns = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert image_steps.excluded(name, [line for line in patterns if line and not line.startswith("#")])


def test_the_build_context_has_every_file_of_the_wheel() -> None:
    files = image_steps.context_files(ROOT)
    assert {"pyproject.toml", "requirements.lock", "store/migrations/env.py", "serving/app.py"} <= set(files)
    data = {path.relative_to(ROOT).as_posix() for path in (ROOT / "crm" / "inference" / "data").glob("*.toml")}
    assert data <= set(files)


def test_no_secret_is_in_the_environment_of_the_image() -> None:
    for stage in image_steps.parse(DOCKERFILE):
        assert not {name for name in stage.environment if name.endswith(("SECRET", "TOKEN", "PASSWORD", "STORE"))}
        assert not stage.values("ARG")


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Root of the built image."""
    missing = [name for name in ("debootstrap", "unshare", "chroot") if shutil.which(name) is None]
    if missing or os.geteuid() != 0:
        pytest.skip(f"needs root and {', '.join(missing) or 'nothing else'}: the steps run in a chroot")
    given = os.environ.get(DEBIAN)
    folder = tmp_path_factory.mktemp("image")
    return image_steps.build(DOCKERFILE, ROOT, folder, bootstrapped=Path(given) if given else None)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder with a champion, owned by the user of the image."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "leadworth.toml").write_text(TOML)
    registry = ModelRegistry.of(load_settings(folder / "leadworth.toml"))
    registry.register(make_bundle().save(folder / "bundle"))
    registry.set_alias("champion", "1")
    subprocess.run(["chown", "-R", "10001:10001", str(folder)], check=True)
    return folder


def words(image: Path, project: Path, *command: str) -> list[str]:
    """Return the call that runs a command in the image with a read-only root."""
    environment = last_stage().environment | {"LEADWORTH_SERVING__PORT": PORT}
    run = image_steps.read_only(image, {"/srv/leadworth": project}, "10001:10001", environment)
    return [*run, "/bin/sh", "-c", 'cd /srv/leadworth && exec "$@"', "sh", *command]


@contextmanager
def started(image: Path, project: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the service as the image does, until it is ready."""
    stage = last_stage()
    command = [*stage.command("ENTRYPOINT"), *stage.command("CMD")]
    log = (project.parent / "serve.log").open("wb")
    process = subprocess.Popen(words(image, project, *command), stdout=log, stderr=log)
    try:
        end = time.monotonic() + 120
        while status(f"http://127.0.0.1:{PORT}/readyz") != 200:
            assert process.poll() is None, Path(log.name).read_text()
            assert time.monotonic() < end, Path(log.name).read_text()
            time.sleep(0.2)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
        log.close()


@pytest.mark.slow
@pytest.mark.parametrize("writable", [True, False], ids=["cache in the volume", "cache cannot be written"])
def test_the_service_scores_a_lead_with_a_read_only_root(image: Path, project: Path, writable: bool) -> None:
    cache = project / ".leadworth" / "numba"
    shutil.rmtree(cache, ignore_errors=True)
    if not writable:
        cache.parent.mkdir(exist_ok=True)
        cache.write_text("a file, so that no folder can be made")
    made = subprocess.run(
        words(image, project, "leadworth", "keys", "create", "test", "--quiet"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    with started(image, project) as process:
        uid = os.stat(f"/proc/{process.pid}").st_uid
        headers = {"Content-Type": "application/json", "X-API-Key": made.stdout.strip()}
        request = urllib.request.Request(f"http://127.0.0.1:{PORT}/v1/scores", json.dumps(LEAD).encode(), headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            score = json.loads(answer.read())
        healthy = subprocess.run(words(image, project, *last_stage().healthcheck), check=False)
        refused = subprocess.run(words(image, project, "touch", "/opt/leadworth/x"), capture_output=True, check=False)
    assert (uid, healthy.returncode, refused.returncode) == (10001, 0, 1)
    assert b"Read-only file system" in refused.stderr
    assert score["predicted_value"] > 0
    assert (len(list(cache.rglob("*.nbi"))) > 0) is writable if writable else cache.is_file()
    unhealthy = subprocess.run(words(image, project, *last_stage().healthcheck), capture_output=True, check=False)
    assert unhealthy.returncode == 1
    cache.unlink() if cache.is_file() else None
    assert not list((project / ".leadworth").glob("spool/*.jsonl"))


@pytest.mark.slow
def test_tools_of_the_developers_and_secrets_are_not_in_the_image(image: Path) -> None:
    [packages] = (image / "opt/leadworth/lib").glob("python3*/site-packages")
    names = {path.name.split("-")[0].lower() for path in packages.glob("*.dist-info")}
    assert {"leadworth", "mlflow", "lightgbm", "psycopg", "redis"} <= names
    assert not names & {"pytest", "playwright", "selenium", "ruff", "mypy", "uv", "pip"}
    assert not [path for name in ("*.db", "installation.key", "*.env") for path in image.glob(f"srv/**/{name}")]
