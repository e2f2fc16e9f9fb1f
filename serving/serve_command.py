"""`leadworth serve`: run the scoring service."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import socket
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadworth.console import console
from leadworth.errors import ConfigurationError, StoreError
from leadworth.log import set_up_logging
from leadworth.settings import FILE_NAME, Settings, load_settings
from serving.metrics_folder import metrics_folder

if TYPE_CHECKING:
    from fastapi import FastAPI

SHUTDOWN_SECONDS = 10
BACKLOG = 2048
PROXIES = "FORWARDED_ALLOW_IPS"
"""Environment variable of uvicorn: proxies whose X-Forwarded-For is believed."""


def serve(
    config: Annotated[Path, typer.Option("--config", "-c", help="Settings file.")] = Path(FILE_NAME),
    host: Annotated[str | None, typer.Option(help="Address to listen at; left out: as in the settings.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Port, 0 for a free one; left out: as in the settings.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the port.")] = 1,
) -> None:
    """Score leads over HTTP with the champion, until interrupted.

    The champion is followed: a promotion or rollback takes effect without a restart.
    """
    settings = load_settings(config)
    options = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = settings.model_copy(update={"serving": settings.serving.model_copy(update=options)})
    with metrics_folder(workers):
        from serving.app import create_app, refuse_open_service
        from store.engine import open_store

        refuse_open_service(settings)
        # The service starts without the store, not with another secret.
        with suppress(StoreError), open_store(settings, migrate=True):
            pass
        if workers > 1:
            create_app(settings)  # an error of the settings is raised here; workers would be started again for ever
        listener = _listen(settings)
        address = f"http://{_printable(settings.serving.host)}:{listener.getsockname()[1]}"
        console.print(f"leadworth serves at {address}, API reference at {address}/docs; Ctrl+C ends it", soft_wrap=True)
        _run(settings, listener, workers)


def application(settings: Settings) -> FastAPI:
    """Return the service; called in each worker process with the settings that `serve` has read."""
    from serving.app import create_app

    _end_with_supervisor()
    set_up_logging()
    logging.getLogger("alembic").setLevel(logging.WARNING)
    return create_app(settings, on_started=_freeze_heap)


def _end_with_supervisor() -> None:
    """End this worker when the process that started it is killed; it would hold the port, and nothing replaces it."""
    supervisor = multiprocessing.parent_process()
    if supervisor is None:
        return

    def wait() -> None:
        supervisor.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="supervisor", daemon=True).start()


def _freeze_heap() -> None:
    """Exempt loaded modules and models from garbage collection, whose full runs would delay requests."""
    gc.collect()
    gc.freeze()


def _run(settings: Settings, listener: socket.socket, workers: int) -> None:
    import uvicorn
    from uvicorn.config import STARTUP_FAILURE
    from uvicorn.supervisors import Multiprocess

    from serving.accept_loop import AcceptingLoop
    from serving.http_protocol import BoundedHttpProtocol, raise_file_limit
    from serving.overload import OverloadRefusal

    raise_file_limit()
    refusal = OverloadRefusal(settings.serving.max_concurrent)
    config = uvicorn.Config(
        partial(application, settings),  # pickled for worker processes, as is `http`
        factory=True,
        host=settings.serving.host,
        port=listener.getsockname()[1],
        loop=f"{AcceptingLoop.__module__}:{AcceptingLoop.__name__}",
        http=partial(BoundedHttpProtocol, refusal=refusal),  # type: ignore[arg-type]
        ws="none",
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        # uvicorn alone believes X-Forwarded-For of every local process.
        proxy_headers=PROXIES in os.environ,
        forwarded_allow_ips=_with_mapped(os.environ.get(PROXIES, "")),
        workers=workers,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    if workers > 1:
        supervisor = Multiprocess(config, sockets=[listener])
        supervisor.run()
        if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
            raise SystemExit(STARTUP_FAILURE)
        return
    server = uvicorn.Server(config)
    server.run(sockets=[listener])
    if not server.started:
        raise SystemExit(STARTUP_FAILURE)


def _listen(settings: Settings) -> socket.socket:
    host = settings.serving.host
    port = settings.serving.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"cannot listen at {host}, port {port}: {error.strerror}",
            do="end the process that listens there, or choose another port with --port (0: a free one)",
        ) from error
    listener.listen(BACKLOG)
    listener.set_inheritable(True)
    return listener


def _with_mapped(proxies: str) -> str:
    """Return addresses of proxies with the form in which a service that listens on IPv6 and IPv4 sees them.

    Examples
    --------
    >>> _with_mapped("10.0.0.5,2001:db8::5"), _with_mapped("*")
    ('10.0.0.5,::ffff:10.0.0.5,2001:db8::5', '*')
    """
    names = [name.strip() for name in proxies.split(",") if name.strip()]
    return ",".join(form for name in names for form in ([name, f"::ffff:{name}"] if "." in name else [name]))


def _printable(host: str) -> str:
    return f"[{host}]" if ":" in host else host
