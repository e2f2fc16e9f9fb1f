"""Cost of a score over HTTP: `python -m benchmarks.http_scoring [HOME] [--mlserver ENVIRONMENT]` (or `make bench`).

One worker of `leadworth serve` with API keys and a SQLite store scores one lead a request, in turn
with the empty endpoint of the same server (`/livez`) and `mlflow models serve` of the same registered model. Another
process sends the requests over 16 kept-alive connections.
Read the ratios of the medians; the absolute figures depend on the machine and its load.

MLServer needs older versions of some libraries, so it runs in a virtual environment of its own, with the same model:

    uv venv ENVIRONMENT
    VIRTUAL_ENV=ENVIRONMENT uv pip install mlserver mlserver-mlflow .
    VIRTUAL_ENV=ENVIRONMENT uv pip install "uvloop<0.22"

Not named http.py: as a script it would shadow the standard library's `http`.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.load import Load, run
from leadworth.console import console

RESULTS = Path(__file__).parent / "results" / "http.json"
LEADS = 8_000
SENT = 200
ROUNDS = 5
REQUESTS = {"empty": 4_000, "score": 2_000, "mlflow": 160, "mlserver": 160}
READY_SECONDS = 180.0
ENVIRONMENT = {**os.environ, "OMP_WAIT_POLICY": "passive", "MLFLOW_DISABLE_TELEMETRY": "true"}


def main(home: str | None = None, mlserver: str | None = None) -> None:
    """Measure, print and write benchmarks/results/http.json.

    Parameters
    ----------
    home
        Folder of `leadworth demo` with a champion; left out: a model is trained first.
    mlserver
        Virtual environment with MLServer; left out: it is not measured.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(home) if home else trained(Path(scratch) / "crm")
        leads = leads_of(folder)
        key = leadworth(folder, "keys", "create", "benchmark", "-q").strip()
        with ExitStack() as servers:
            ports = {
                "leadworth": servers.enter_context(leadworth_server(folder)),
                "mlflow": servers.enter_context(mlflow_server(folder)),
            }
            if mlserver:
                ports["mlserver"] = servers.enter_context(mlserver_server(folder, Path(mlserver), Path(scratch)))
            figures = measured(ports, key, leads)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    console.print_json(data=figures)


def trained(folder: Path) -> Path:
    """Simulate a CRM and train its champion."""
    command = [sys.executable, "-m", "leadworth"]
    subprocess.run([*command, "simulate", str(folder), "--leads", str(LEADS)], check=True, env=ENVIRONMENT)
    if "is champion now" not in leadworth(folder, "train"):
        leadworth(folder, "models", "promote", "1", "--force", "--reason", "benchmark")
    return folder


def leadworth(folder: Path, *arguments: str) -> str:
    """Run a command of leadworth on the settings of a folder; return what it printed."""
    command = [sys.executable, "-m", "leadworth", *arguments, "--config", str(folder / "leadworth.toml")]
    return subprocess.run(command, check=True, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True).stdout


def leads_of(folder: Path) -> list[dict[str, str]]:
    """Return leads of the history, as a form would send them: they are submitted at the moment."""
    declared = tomllib.loads((folder / "leadworth.toml").read_text(encoding="utf-8"))["leads"]
    names = {column: field for field, column in declared["columns"].items()}
    names |= {declared["id"]: "lead_id"}
    for kind in ("numeric", "categorical", "text"):
        names |= {column: column for column in declared["features"].get(kind, [])}
    with (folder / declared["path"]).open(encoding="utf-8", newline="") as file:
        rows = [row for row, _ in zip(csv.DictReader(file), range(SENT), strict=False)]
    return [{names[column]: value for column, value in row.items() if column in names and value} for row in rows]


def measured(ports: Mapping[str, int], key: str, leads: Sequence[dict[str, str]]) -> dict[str, Any]:
    """Return the medians over rounds with each server in turn.

    Parameters
    ----------
    ports
        Port of `leadworth` and of each other server.
    key
        API key of leadworth.
    leads
        Leads that are sent in turn.
    """
    bodies = [json.dumps(lead) for lead in leads]
    frames = [json.dumps({"dataframe_records": [lead]}) for lead in leads]
    headers = {"Authorization": f"Bearer {key}"}
    ours = ports["leadworth"]
    others = [name for name in ports if name != "leadworth"]
    loads = {
        "empty": Load(ours, "/livez", REQUESTS["empty"]),
        "score": Load(ours, "/v1/scores", REQUESTS["score"], method="POST", bodies=bodies, headers=headers),
        **{name: Load(ports[name], "/invocations", REQUESTS[name], method="POST", bodies=frames) for name in others},
    }
    rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in loads}
    for number in range(ROUNDS + 1):
        for name, load in loads.items():
            result = run(load)
            if set(result["statuses"]) != {"200"}:
                raise SystemExit(f"{name}: {result}")
            if number:  # the first round warms up
                rounds[name].append(result)
    medians = {
        name: {
            figure: statistics.median(run_figures[figure] for run_figures in results)
            for figure in ("per_second", "p50_ms", "p99_ms")
        }
        for name, results in rounds.items()
    }
    empty = medians["empty"]
    score = medians["score"]
    return {
        "connections": 16,
        "rounds": ROUNDS,
        "load_average": os.getloadavg()[0],
        **medians,
        "score_throughput_of_empty": score["per_second"] / empty["per_second"],
        "score_p50_in_empty_p50": score["p50_ms"] / empty["p50_ms"],
        **{f"score_throughput_in_{name}": score["per_second"] / medians[name]["per_second"] for name in others},
        "score_p99_in_p50": score["p99_ms"] / score["p50_ms"],
    }


@contextmanager
def leadworth_server(folder: Path) -> Iterator[int]:
    """Run `leadworth serve`; yield its port."""
    port = free_port()
    options = ["-m", "leadworth", "serve", "--port", str(port), "--config", str(folder / "leadworth.toml")]
    with server([sys.executable, *options], f"http://127.0.0.1:{port}/readyz", ENVIRONMENT):
        yield port


@contextmanager
def mlflow_server(folder: Path) -> Iterator[int]:
    """Run `mlflow models serve` of the champion; yield its port."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "mlflow",
        "models",
        "serve",
        "-m",
        champion_uri(folder),
        "--env-manager",
        "local",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = ENVIRONMENT | registry_variables(folder) | {"PATH": path}
    with server(command, f"http://127.0.0.1:{port}/ping", environment):
        yield port


def champion_uri(folder: Path) -> str:
    """Return the address of the champion in the model registry of a folder."""
    named = tomllib.loads((folder / "leadworth.toml").read_text(encoding="utf-8")).get("registry", {})
    return f"models:/{named.get('model', 'leadworth')}@champion"


def registry_variables(folder: Path) -> dict[str, str]:
    """Return the environment variables with which MLflow finds the model registry of a folder."""
    uri = f"sqlite:///{(folder / 'mlflow.db').absolute()}"
    return {"MLFLOW_TRACKING_URI": uri, "MLFLOW_REGISTRY_URI": uri}


@contextmanager
def mlserver_server(folder: Path, environment: Path, scratch: Path) -> Iterator[int]:
    """Run MLServer of the champion, without worker processes, as it is fastest for one lead; yield its port."""
    port, model = free_port(), scratch / "mlserver"
    model.mkdir()
    artefacts = subprocess.run(
        [
            sys.executable,
            "-m",
            "mlflow",
            "artifacts",
            "download",
            "-u",
            champion_uri(folder),
            "-d",
            str(model / "model"),
        ],
        check=True,
        env=ENVIRONMENT | registry_variables(folder),
        stdout=subprocess.PIPE,
        text=True,
    ).stdout.strip()
    written = {
        "model-settings.json": {
            "name": "leadworth",
            "implementation": "mlserver_mlflow.MLflowRuntime",
            "parameters": {"uri": artefacts},
        },
        "settings.json": {
            "host": "127.0.0.1",
            "http_port": port,
            "grpc_port": free_port(),
            "metrics_port": free_port(),
            "parallel_workers": 0,
        },
    }
    for name, content in written.items():
        (model / name).write_text(json.dumps(content), encoding="utf-8")
    command = [str(environment / "bin" / "mlserver"), "start", str(model)]
    with server(command, f"http://127.0.0.1:{port}/v2/models/leadworth/ready", ENVIRONMENT):
        yield port


@contextmanager
def server(command: Sequence[str], probe: str, environment: dict[str, str]) -> Iterator[int]:
    """Run a server until the block ends; enter it with its process id when the probe answers."""
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            end = time.monotonic() + READY_SECONDS
            while not _answers(probe):
                if process.poll() is not None or time.monotonic() > end:
                    log.seek(0)
                    raise SystemExit(f"{' '.join(command)} did not start:\n{log.read()}")
                time.sleep(0.5)
            yield process.pid
        finally:
            process.terminate()
            process.wait(timeout=30)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", nargs="?", help="folder with a champion; left out: a model is trained")
    parser.add_argument("--mlserver", metavar="ENVIRONMENT", help="virtual environment with MLServer")
    arguments = parser.parse_args()
    main(arguments.home, arguments.mlserver)
