"""`leadworth serve`: settings reach the workers, unusable addresses are refused."""

from __future__ import annotations

import asyncio
import os
import pickle
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
import uvicorn
from pydantic import SecretStr
from typer.testing import CliRunner

import serving
from leadworth.errors import ConfigurationError
from leadworth.settings import Settings, load_settings
from serving.accept_loop import AcceptingLoop
from serving.http_protocol import BoundedHttpProtocol
from serving.metrics_folder import MULTIPROC
from serving.overload import OverloadRefusal
from serving.serve_command import PROXIES, _listen, _run, serve
from store import decision_log
from store.engine import open_store
from tests.serving.running import settings_in
from tests.store.rows import decision_row


def test_settings_reach_worker_processes_whole(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, store="postgresql://user:secret@db/leads", port=0)
    received = pickle.loads(pickle.dumps(settings))
    assert received == settings
    assert received.serving.store == SecretStr("postgresql://user:secret@db/leads")
    assert received.folder == tmp_path


def test_options_override_the_settings_and_leave_the_environment_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "leadworth.toml"
    config.write_text('currency = "EUR"\n[leads]\n[serving]\napi_keys = false\nport = 8000\n')
    served = []

    def note(settings: Settings, listener: socket.socket, workers: int) -> None:
        served.append(settings)
        listener.close()

    monkeypatch.setattr("serving.serve_command._run", note)
    before = dict(os.environ)
    app = typer.Typer()
    app.command()(serve)
    done = CliRunner().invoke(app, ["-c", str(config), "--port", "0", "--host", "localhost"])
    assert done.exit_code == 0, done.output
    [settings] = served
    assert (settings.serving.host, settings.serving.port) == ("localhost", 0)
    assert settings.serving.api_keys is load_settings(config).serving.api_keys is False
    assert dict(os.environ) == before
    assert CliRunner().invoke(app, ["-c", str(config), "--port", "70000"]).exit_code == 2


def test_a_service_does_not_start_with_another_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "leadworth.toml"
    config.write_text('currency = "EUR"\n[leads]\n')
    monkeypatch.setenv("LEADWORTH_SECRET", "a" * 32)
    with open_store(load_settings(config), migrate=True) as engine, engine.begin() as connection:
        decision_log.insert(connection, [decision_row()])
    monkeypatch.setenv("LEADWORTH_SECRET", "b" * 32)
    with pytest.raises(ConfigurationError, match="another secret"):
        serve(config, port=0)


def test_settings_that_no_worker_can_use_end_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "leadworth.toml"
    config.write_text('currency = "EUR"\n[leads]\n[report]\nchannels = "none.toml"\n')
    monkeypatch.setattr("serving.serve_command._run", lambda *_: pytest.fail("workers were started"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.delenv(MULTIPROC, raising=False)
    with pytest.raises(ConfigurationError, match=r"none\.toml"):
        serve(config, port=0, workers=2)
    assert not list(tmp_path.glob("leadworth-metrics-*"))
    assert MULTIPROC not in os.environ


SUPERVISOR = """
import multiprocessing, time
from serving.serve_command import _end_with_supervisor

def worker():
    _end_with_supervisor()
    print("started", flush=True)
    time.sleep(20)
    print("not ended", flush=True)

if __name__ == "__main__":
    child = multiprocessing.get_context("spawn").Process(target=worker)
    child.start()
    child.join()
"""


def test_workers_of_a_killed_supervisor_end(tmp_path: Path) -> None:
    (tmp_path / "supervisor.py").write_text(SUPERVISOR)
    command = [sys.executable, str(tmp_path / "supervisor.py")]
    environment = {**os.environ, "PYTHONPATH": str(Path(serving.__file__).parents[1])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as supervisor:
        assert supervisor.stdout is not None
        assert supervisor.stdout.readline() == "started\n"
        supervisor.kill()
        # The pipe ends when the worker, which has inherited it, does.
        assert supervisor.stdout.read() == ""


def test_a_used_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port {port}"):
            _listen(settings_in(tmp_path, port=port))


@pytest.mark.parametrize("workers", [1, 2])
def test_the_server_accepts_bursts_and_refuses_what_is_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    servers = []

    class Server:
        started = True
        processes = ()

        def __init__(self, config: uvicorn.Config, sockets: object = None) -> None:
            servers.append(config)

        def run(self, sockets: object = None) -> None: ...

    monkeypatch.setattr("uvicorn.Server" if workers == 1 else "uvicorn.supervisors.Multiprocess", Server)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        _run(settings_in(tmp_path, max_concurrent=7), listener, workers)
    [config] = [pickle.loads(pickle.dumps(config)) for config in servers]
    assert config.get_loop_factory() is AcceptingLoop
    assert config.http.func is BoundedHttpProtocol
    assert config.http.keywords == {"refusal": OverloadRefusal(7)}


@pytest.mark.parametrize(
    ("proxies", "peer", "seen"),
    [
        (None, "127.0.0.1", "127.0.0.1"),
        ("10.0.0.5", "127.0.0.1", "127.0.0.1"),
        ("10.0.0.5", "10.0.0.5", "203.0.113.7"),
        ("10.0.0.5", "::ffff:10.0.0.5", "203.0.113.7"),
    ],
)
def test_forwarded_addresses_are_believed_of_named_proxies_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proxies: str | None, peer: str, seen: str
) -> None:
    """What a visitor wrote to the left of the proxy's own entry, or in another header, is never the address."""
    configs: list[uvicorn.Config] = []

    class Server:
        started = True

        def __init__(self, config: uvicorn.Config) -> None:
            configs.append(config)

        def run(self, sockets: object = None) -> None: ...

    async def application(scope: Any, receive: Any, send: Any) -> None:
        clients.append(scope["client"][0])

    clients: list[str] = []
    monkeypatch.setattr("uvicorn.Server", Server)
    monkeypatch.setattr("serving.serve_command.application", lambda settings: application)
    monkeypatch.delenv(PROXIES, raising=False)
    if proxies is not None:
        monkeypatch.setenv(PROXIES, proxies)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        _run(settings_in(tmp_path), listener, 1)
    [config] = configs
    config.load()
    headers = [
        (b"x-forwarded-for", b"8.8.8.8, 203.0.113.7"),
        (b"forwarded", b"for=8.8.8.8"),
        (b"x-real-ip", b"8.8.8.8"),
    ]
    scope = {"type": "http", "client": (peer, 1), "scheme": "http", "headers": headers}
    asyncio.run(config.loaded_app(scope, None, None))
    assert clients == [seen]
