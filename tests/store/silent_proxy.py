"""TCP proxy in front of a database that can swallow all packets, as a dead network path does."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy.engine import make_url


class SilentProxy:
    """Forward connections to a server; while `silent`, bytes are taken and neither forwarded nor refused."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._peers: dict[socket.socket, socket.socket] = {}
        self._held: list[tuple[socket.socket, bytes]] = []
        self._stopping = False
        self.silent = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Port to connect to."""
        return int(self._listener.getsockname()[1])

    def close(self) -> None:
        """End all connections."""
        self._stopping = True
        self._thread.join()
        for peer in (*self._peers, self._listener):
            peer.close()

    def _run(self) -> None:
        while not self._stopping:
            for key, _ in self._selector.select(0.02):
                if key.fileobj is self._listener:
                    self._connect()
                else:
                    self._forward(key.fileobj)  # type: ignore[arg-type]
            if not self.silent:
                held, self._held = self._held, []
                for peer, content in held:
                    with suppress(OSError):
                        peer.sendall(content)

    def _connect(self) -> None:
        client, _ = self._listener.accept()
        server = socket.create_connection(self._target)
        self._peers |= {client: server, server: client}
        for peer in (client, server):
            self._selector.register(peer, selectors.EVENT_READ)

    def _forward(self, peer: socket.socket) -> None:
        try:
            content = peer.recv(1 << 16)
        except OSError:
            content = b""
        other = self._peers.get(peer)
        if not content or other is None:
            self._selector.unregister(peer)
            peer.close()
            self._peers.pop(peer, None)
            if other is not None:
                with suppress(OSError):
                    other.shutdown(socket.SHUT_WR)
            return
        self._held.append((other, content))
        if not self.silent:
            held, self._held = self._held, []
            for target, waiting in held:
                with suppress(OSError):
                    target.sendall(waiting)


@contextmanager
def proxied(url: str) -> Iterator[tuple[SilentProxy, str]]:
    """Yield a proxy to the server of a database URL, and the URL through it."""
    parsed = make_url(url)
    proxy = SilentProxy(parsed.host or "127.0.0.1", parsed.port or 5432)
    try:
        yield proxy, parsed.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)
    finally:
        proxy.close()
