"""Processes of the demo: commands of leadworth, local peers of ad platforms and CRMs, the scoring service."""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn
from urllib.error import HTTPError

from rich.panel import Panel
from rich.text import Text

from leadworth.console import console
from leadworth.errors import LeadworthError

READY_SECONDS = 120.0
SHOWN_LINES = 30
PeerVariables = Callable[[], dict[str, str]]
SANDBOX_READY = "Stop with Ctrl+C"
"""End of the last line that a sandbox prints when it is ready."""


def run_step(folder: Path, title: str, *arguments: str, variables: Mapping[str, str] | None = None) -> str:
    """Run one command of leadworth and return its standard output.

    Raises
    ------
    LeadworthError
        Where the command fails; the end of its output is shown.
    """
    start = time.monotonic()
    log = folder / f"{arguments[0]}.log"
    with console.status(f"{title}: leadworth {' '.join(arguments)}"), log.open("w", encoding="utf-8") as errors:
        done = subprocess.run(
            _command(arguments),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            check=False,
            env={**os.environ, **(variables or {})},
        )
    messages = log.read_text(encoding="utf-8")
    if done.returncode != 0:
        _fail(title, arguments, f"{done.stdout}\n{messages}")
    if arguments[0] != "keys":  # its output is a secret
        log.write_text(f"{done.stdout}\n{messages}", encoding="utf-8")
    console.print(Text(f"  {title}: {time.monotonic() - start:.0f} s"))
    return done.stdout


def _command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "leadworth", *arguments]


def _fail(title: str, arguments: Sequence[str], output: str) -> NoReturn:
    tail = "\n".join(output.strip().splitlines()[-SHOWN_LINES:])
    console.print(Panel(Text(tail), title=f"leadworth {arguments[0]}", title_align="left"))
    raise LeadworthError(
        f"the step {title!r} failed", do=f"repeat it with: leadworth {' '.join(arguments)}; then `leadworth doctor`"
    )


@contextmanager
def local_peers(folder: Path, command: str, *options: str) -> Iterator[PeerVariables]:
    """Start `leadworth COMMAND sandbox`; yield a function that waits until it is ready.

    It returns the environment variables that point leadworth to the peers.

    Parameters
    ----------
    command
        `export` for the ad platforms, `crm` for CRMs.
    """
    log = folder / f"{command}-sandbox.log"
    arguments = (command, "sandbox", *options, "--port", "0")
    with log.open("wb") as output:
        process = subprocess.Popen(_command(arguments), stdout=output, stderr=subprocess.STDOUT)

    def variables() -> dict[str, str]:
        if not _wait(process, lambda: SANDBOX_READY in log.read_text(encoding="utf-8")):
            _fail("Starting the local peers", arguments, log.read_text(encoding="utf-8"))
        lines = log.read_text(encoding="utf-8").splitlines()
        pairs = [line.removeprefix("export ").split("=", 1) for line in lines if line.startswith("export ")]
        return {name: "".join(shlex.split(value)) for name, value in pairs}

    try:
        yield variables
    finally:
        _stop(process)


@contextmanager
def scoring_service(
    folder: Path, config: Sequence[str], keep: bool, variables: Mapping[str, str]
) -> Iterator[tuple[str, int]]:
    """Run the scoring service; yield its address and process id. With `keep` it is left running."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    arguments = ["serve", "--host", "127.0.0.1", "--port", str(port), *config]
    log = folder / "serve.log"
    start = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            _command(arguments),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=keep,
            env={**os.environ, **variables},
        )
    completed = False
    try:
        with console.status(f"Starting the service: leadworth {' '.join(arguments)}"):
            if not _wait(process, lambda: _answers(f"{address}/readyz")):
                _fail("Starting the service", arguments, log.read_text(encoding="utf-8"))
        console.print(Text(f"  Starting the service: {time.monotonic() - start:.0f} s"))
        yield address, process.pid
        completed = True
    finally:
        if not (keep and completed):
            _stop(process)


def _wait(process: subprocess.Popen[bytes], is_ready: Callable[[], bool]) -> bool:
    """Wait until a process is ready; return False where it ends or takes too long."""
    end = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < end:
        if is_ready():
            return True
        time.sleep(0.1)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _answers(url: str) -> bool:
    try:
        fetch(urllib.request.Request(url))
    except OSError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fetch(request: urllib.request.Request) -> bytes:
    """Return the body of the response, without a proxy."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(request, timeout=10) as response:
        content: bytes = response.read()
    return content


def post_lead(url: str, key: str, lead: dict[str, Any]) -> dict[str, Any]:
    """Send one lead to the scoring service and return its score.

    Raises
    ------
    LeadworthError
        Where the service refuses it.
    """
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    try:
        score: dict[str, Any] = json.loads(fetch(urllib.request.Request(url, json.dumps(lead).encode(), headers)))
    except HTTPError as error:
        raise LeadworthError(
            f"POST {url} answered {error.code}: {error.read().decode()}", do="see serve.log in the demo's folder"
        ) from error
    return score
