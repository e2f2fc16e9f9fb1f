"""Mail with the report or with the leads that wait: composed here, sent over SMTP."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import SplitResult, unquote, urlsplit

from leadworth.errors import ConfigurationError, TransientError

TIMEOUT_SECONDS = 30.0
ALLOWED = "smtp://host:25, smtp+starttls://user:password@host:587 or smtps://user:password@host:465"
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


@dataclass(frozen=True)
class Attachment:
    """A file of a mail: its name, type such as `text/html`, and text."""

    name: str
    kind: str
    text: str


def composed(
    sender: str, recipients: Sequence[str], subject: str, text: str, html: str | None, files: Sequence[Attachment] = ()
) -> EmailMessage:
    """Return a mail with a text, the same as HTML, and files.

    Examples
    --------
    >>> mail = composed("a@example.com", ["b@example.com"], "Report", "Hello", "<p>Hello</p>")
    >>> mail["To"], mail.get_content_type()
    ('b@example.com', 'multipart/alternative')
    """
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = ", ".join(recipients)
    mail["Subject"] = " ".join(subject.split())
    mail["Date"] = formatdate(localtime=False)
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].strip("> ") or "localhost")
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    if html is not None:
        mail.add_alternative(html, subtype="html")
    for file in files:
        main, _, sub = file.kind.partition("/")
        mail.add_attachment(file.text.encode(), maintype=main, subtype=sub, filename=file.name)
    return mail


def send(url: str, mail: EmailMessage) -> None:
    """Send a mail.

    Parameters
    ----------
    url
        Of the server; see `ALLOWED`.
    mail
        To its recipients.

    Raises
    ------
    ConfigurationError
        If the URL cannot be used.
    TransientError
        If the server cannot be reached or refuses the mail.
    """
    server = _parsed(url)
    try:
        with _connected(server) as client:
            if server.username:
                client.login(unquote(server.username), unquote(server.password or ""))
            client.send_message(mail)
    except (OSError, smtplib.SMTPException) as error:
        # The text of the server may repeat addresses, so only the kind is named.
        raise TransientError(
            f"the mail server {server.hostname} did not take the mail: {type(error).__name__}",
            do="check [report.mail] smtp, then repeat",
        ) from error


def _connected(server: SplitResult) -> smtplib.SMTP:
    host, port = server.hostname or "", server.port or _PORTS[server.scheme]
    if server.scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
    client = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    if server.scheme == "smtp+starttls":
        client.starttls(context=ssl.create_default_context())
    return client


def _parsed(url: str) -> SplitResult:
    try:
        server = urlsplit(url)
        is_valid = server.scheme in _PORTS and bool(server.hostname) and (server.port or 1) > 0
    except ValueError:
        is_valid = False
    if not is_valid:  # the URL may hold a password, so it is not repeated
        raise ConfigurationError("[report.mail] smtp cannot be used", allowed=ALLOWED, do="correct it")
    return server
