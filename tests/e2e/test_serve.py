"""`leadworth serve` as a process, with a real MLflow registry and real HTTP."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError

import pytest

from leadworth.settings import load_settings
from models.model_registry import ModelRegistry
from store.engine import open_engine
from tests.make_bundle import make_bundle

TOML = """
currency = "EUR"
[leads]
path = "leads.csv"
[serving]
port = 0
api_keys = false
reload_seconds = 0.3
"""
LEAD = {"lead_id": "A", "email": "ada@acme.io", "company": "Acme", "employees": 60}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with settings and a registry of two versions."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "leadworth.toml").write_text(TOML)
    registry = ModelRegistry.of(load_settings(folder / "leadworth.toml"))
    for seed in (7, 8):
        registry.register(make_bundle(seed=seed).save(folder / f"bundle-{seed}"))
    registry.set_alias("champion", "1")
    return folder


@contextmanager
def served(home: Path, *options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run the service; give its address once it is ready."""
    command = [sys.executable, "-m", "leadworth", "serve", "-c", str(home / "leadworth.toml"), *options]
    log = (home / "serve.log").open("w")
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=log, text=True, env=os.environ | {"COLUMNS": "200"}
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, line + (home / "serve.log").read_text()
        end = time.monotonic() + 60
        while status(f"{found[0]}/readyz") != 200:
            assert process.poll() is None, (home / "serve.log").read_text()
            assert time.monotonic() < end, (home / "serve.log").read_text()
            time.sleep(0.1)
        yield found[0], process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
        process.communicate()
        log.close()


def ask(url: str, body: object = None) -> dict[str, object]:
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, content, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return dict(json.loads(answer.read()), degraded_header=answer.headers["x-leadworth-degraded"])


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code
    except OSError:
        return 0


def decisions_in(home: Path) -> int:
    engine = open_engine(f"sqlite:///{home / 'leadworth.db'}")
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT count(*) FROM decisions").scalar_one()
    engine.dispose()
    return int(found)


@pytest.mark.slow
def test_the_champion_changes_under_load_without_a_lost_request(home: Path) -> None:
    registry = ModelRegistry.of(load_settings(home / "leadworth.toml"))
    answers: list[dict[str, object]] = []
    stop = threading.Event()

    def send(address: str) -> None:
        while not stop.is_set():
            answers.append(ask(f"{address}/v1/scores", LEAD))

    with served(home) as (address, process):
        threads = [threading.Thread(target=send, args=(address,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for version in ("2", "1", "2"):
            registry.set_alias("champion", version)
            end = time.monotonic() + 60
            while answers[-1:] == [] or answers[-1]["model_version"] != version:
                assert time.monotonic() < end
                time.sleep(0.02)
        stop.set()
        for thread in threads:
            thread.join()
        assert process.poll() is None
        in_use = refused_port(home, address.rsplit(":", 1)[1])
    assert len({(answer["model_version"], answer["win_probability"]) for answer in answers}) == 2
    assert decisions_in(home) == len(answers)
    assert in_use.returncode == 2
    assert "cannot listen" in in_use.stderr


@pytest.mark.slow
def test_workers_restart_while_the_registry_is_away(home: Path) -> None:
    """Both workers score with the champion of the last run, and count together."""
    before = decisions_in(home)
    (home / "mlflow.db").rename(home / "hidden.db")
    with served(home, "--workers", "2") as (address, _):
        for _ in range(40):
            score = ask(f"{address}/v1/scores", LEAD)
            assert (score["model_version"], score["degraded_header"]) == ("2", "registry")
        assert ask(f"{address}/readyz")["status"] == "degraded"
        with urllib.request.urlopen(f"{address}/metrics", timeout=20) as answer:
            figures = answer.read().decode()
    counted = re.findall(r"^leadworth_decisions_total\{.*\} (\S+)$", figures, re.MULTILINE)
    assert sum(map(float, counted)) == 40
    assert decisions_in(home) - before == 40


def refused_port(home: Path, port: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "leadworth", "serve", "-c", str(home / "leadworth.toml"), "--port", port]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
