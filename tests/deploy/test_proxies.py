"""The proxy examples: what they pass on, what they hide, and where they stop a request."""

from __future__ import annotations

import http.server
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
VISITOR = {"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9", "X-Forwarded-Host": "evil.example"}


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers with the headers of the request."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(self.headers).encode())

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, format: str, *args: object) -> None:
        pass


def free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def upstream() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def running(command: list[str], port: int, log: Path) -> Iterator[int]:
    with log.open("wb") as written:
        process = subprocess.Popen(command, stdout=written, stderr=written, env={"HOME": str(log.parent)})
    try:
        for _ in range(200):
            with closing(socket.socket()) as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture
def nginx(tmp_path: Path, upstream: int) -> Iterator[int]:
    """nginx with the example, without TLS."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        pytest.skip("nginx is not installed")
    port = free_port()
    example = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    lines = [line for line in example.splitlines() if not line.strip().startswith("ssl_")]
    text = "\n".join(lines).replace("listen 443 ssl", f"listen 127.0.0.1:{port}").replace(":8000", f":{upstream}")
    paths = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = tmp_path / "main.conf"
    main.write_text(
        f"user root; pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; {paths}\n{text}\n}}"
    )
    yield from running([program, "-c", str(main), "-g", "daemon off;"], port, tmp_path / "log")


@pytest.fixture
def caddy(tmp_path: Path, upstream: int) -> Iterator[int]:
    """Caddy with the example, without TLS."""
    program = shutil.which("caddy")
    if program is None:
        pytest.skip("caddy is not installed")
    port = free_port()
    example = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    text = example.replace("leads.example.com", f"http://127.0.0.1:{port}").replace("\n{\n", "\n{\n\tadmin off\n", 1)
    file = tmp_path / "Caddyfile"
    file.write_text(text.replace(":8000", f":{upstream}"))
    yield from running([program, "run", "--config", str(file), "--adapter", "caddyfile"], port, tmp_path / "log")


@pytest.fixture(params=["nginx", "caddy"])
def proxy(request: pytest.FixtureRequest) -> int:
    return int(request.getfixturevalue(request.param))


def ask(port: int, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> tuple[int, str]:
    with closing(HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request(method, path, body or None, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


@pytest.mark.slow
def test_headers_of_a_visitor_do_not_reach_the_service_and_internal_pages_are_hidden(proxy: int) -> None:
    status, seen = ask(proxy, "POST", "/v1/scores", b"{}", VISITOR)
    assert status == 200
    assert "203.0.113.9" not in seen
    assert "evil.example" not in seen
    assert "x-forwarded-for: 127.0.0.1" in seen.lower()
    for path in ("/metrics", "/readyz", "/docs", "/openapi.json", "/", "/v1/../metrics", "//metrics"):
        assert ask(proxy, "GET", path)[0] in {400, 404}, path


@pytest.mark.slow
def test_long_bodies_and_heads_are_refused(proxy: int) -> None:
    assert ask(proxy, "POST", "/v1/scores", b"x" * 1_000_000)[0] == 200
    try:
        status, _ = ask(proxy, "POST", "/v1/scores", b"x" * 3_000_000)
    except (BrokenPipeError, ConnectionResetError):
        status = 413
    assert status in {413, 502}
    assert ask(proxy, "GET", "/v1/leads", headers={"X-Long": "x" * 200_000})[0] in {400, 431, 494}


@pytest.mark.slow
def test_a_flood_of_one_address_on_a_form_is_refused(nginx: int) -> None:
    statuses = [ask(nginx, "POST", "/v1/forms/a/leads", b"{}")[0] for _ in range(40)]
    assert {200, 429} == set(statuses)
    assert ask(nginx, "POST", "/v1/scores", b"{}")[0] == 200
