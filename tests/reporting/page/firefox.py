"""Debian's Firefox by WebDriver BiDi, without a driver of its own."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import websocket


class FirefoxTab:
    """A tab of a running Firefox."""

    def __init__(self, connection: websocket.WebSocket) -> None:
        self._connection, self._sent = connection, 0
        self.call("session.new", capabilities={})
        self._context = self.call("browsingContext.create", type="tab")["context"]

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and return its result."""
        self._sent += 1
        self._connection.send(json.dumps({"id": self._sent, "method": method, "params": params}))
        while True:
            answer = json.loads(self._connection.recv())
            if answer.get("id") == self._sent:
                assert answer["type"] == "success", answer
                return dict(answer["result"])

    def show(self, address: str, width: int) -> None:
        """Open a page in a window of a width."""
        self.call("browsingContext.setViewport", context=self._context, viewport={"width": width, "height": 900})
        self.call("browsingContext.navigate", context=self._context, url=address, wait="complete")

    def number(self, expression: str) -> float:
        """Return the number that an expression gives in the page."""
        target = {"context": self._context}
        result = self.call("script.evaluate", expression=expression, target=target, awaitPromise=False)["result"]
        return float(result["value"])


@contextmanager
def firefox(profile: Path) -> Iterator[FirefoxTab]:
    """Yield a tab of a Firefox with a profile of its own, and end it."""
    profile.mkdir()
    command = ["firefox-esr", "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as running:
        try:
            assert running.stderr is not None
            found = (re.search(r"BiDi listening on (ws://\S+)", line) for line in running.stderr)
            address = next(match.group(1) for match in found if match)
            connection = websocket.create_connection(f"{address}/session", timeout=60, suppress_origin=True)
            yield FirefoxTab(connection)
            connection.close()
        finally:
            running.terminate()
