"""SMTP server that keeps the mails which it gets."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage


class SmtpSession(socketserver.StreamRequestHandler):
    extensions = "250 sink"

    def handle(self) -> None:
        self._say("220 sink")
        while line := self.rfile.readline():
            verb = line.split(b" ")[0].strip().upper()
            if verb == b"DATA":
                self._say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                content = b"".join(line[1:] if line.startswith(b".") else line for line in lines)
                self.server.mails.append(message_from_bytes(content, policy=policy.default))
                self._say("250 kept")
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            elif verb == b"EHLO":
                self._say(self.extensions)
            elif verb == b"RCPT" and b"refused@" in line:
                self._say("550 no such user")
            else:
                self._say("250 sink")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class SmtpSink(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    mails: list[EmailMessage]


@contextmanager
def smtp_sink() -> Iterator[tuple[str, list[EmailMessage]]]:
    """Run a server; yield its URL and the mails."""
    with SmtpSink(("127.0.0.1", 0), SmtpSession) as server:
        server.mails = []
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"smtp://127.0.0.1:{server.server_address[1]}", server.mails
        server.shutdown()
        thread.join()
