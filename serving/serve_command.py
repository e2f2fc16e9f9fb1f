"""`leadworth serve`: the scoring service as a process."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadworth.console import console, errors
from leadworth.errors import ConfigurationError
from leadworth.log import set_up_logging
from leadworth.settings import FILE_NAME, Settings, load_settings

if TYPE_CHECKING:
    from fastapi import FastAPI

CONFIG = "_SERVE_CONFIG"
"""Tells worker processes where the settings lie; host and port reach them as ordinary overrides."""

SHUTDOWN_SECONDS = 10
BACKLOG = 2048


def serve(
    config: Annotated[Path, typer.Option("--config", "-c", help="Settings file.")] = Path(FILE_NAME),
    host: Annotated[str | None, typer.Option(help="Address to listen at; left out: as in the settings.")] = None,
    port: Annotated[int | None, typer.Option(help="Port, 0 for a free one; left out: as in the settings.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the port.")] = 1,
) -> None:
    """Score leads over HTTP with the champion, until interrupted.

    The champion is followed: a promotion or rollback takes effect without a restart.
    """
    for name, given in (("HOST", host), ("PORT", port)):
        if given is not None:
            os.environ[f"LEADWORTH_SERVING__{name}"] = str(given)
    os.environ[CONFIG] = str(config)
    settings = load_settings(config)
    if workers > 1:
        # Read by prometheus_client when it is imported, in each worker.
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="leadworth-metrics-"))
    from serving.app import refuse_open_door

    refuse_open_door(settings)
    if workers > 1 and settings.serving.redis is None:
        errors.print(
            f"{workers} workers without [serving] redis: each counts recent leads and used form tokens for itself. "
            "What to do: set LEADWORTH_SERVING__REDIS, so that they share what they have seen",
            soft_wrap=True,
        )
    listening = _listen(settings)
    address = f"http://{_printable(settings.serving.host)}:{listening.getsockname()[1]}"
    console.print(f"leadworth serves at {address}, described at {address}/docs; Ctrl+C ends it", soft_wrap=True)
    _run(settings, listening, workers)


def application() -> FastAPI:
    """Return the service of the settings that `serve` was given; each worker process calls it."""
    from serving.app import create_app

    set_up_logging()
    return create_app(load_settings(os.environ[CONFIG]))


def _run(settings: Settings, listening: socket.socket, workers: int) -> None:
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    config = uvicorn.Config(
        "serving.serve_command:application",
        factory=True,
        host=settings.serving.host,
        port=listening.getsockname()[1],
        loop="uvloop",
        http="httptools",
        ws="none",
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        workers=workers,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    if workers > 1:
        Multiprocess(config, sockets=[listening]).run()
        return
    server = uvicorn.Server(config)
    server.run(sockets=[listening])
    if not server.started:
        raise SystemExit(3)


def _listen(settings: Settings) -> socket.socket:
    host, port = settings.serving.host, settings.serving.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise ConfigurationError(
            f"cannot listen at {host}, port {port}: {error.strerror}",
            do="end what listens there, or name another with --port (0: a free one)",
        ) from error
    listening.listen(BACKLOG)
    listening.set_inheritable(True)
    return listening


def _printable(host: str) -> str:
    return f"[{host}]" if ":" in host else host
