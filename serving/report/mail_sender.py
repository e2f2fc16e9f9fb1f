"""Mail with the report or with the leads that wait: composed here, sent over SMTP."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import SplitResult, unquote, urlsplit

from leadworth.errors import ConfigurationError, TerminalError, TransientError
from serving.loopback import is_loopback
from serving.report.mail_failures import mail_failure

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
        If the URL or an address cannot be used.
    TransientError
        If the server cannot be reached or refuses the mail.
    TerminalError
        If it refuses some of the recipients; the others have the mail.
    """
    server = _parsed(url)
    try:
        with _connected(server) as client:
            if server.username:
                client.login(unquote(server.username), unquote(server.password or ""))
            refused = client.send_message(mail)
    except UnicodeError as error:  # smtplib encodes both as ASCII
        raise ConfigurationError(
            "the user or the password of [report.mail] smtp has letters beyond ASCII", do="use another password"
        ) from error
    except (OSError, smtplib.SMTPException) as error:
        failure = mail_failure(error)
        raise TransientError(
            f"the mail server {server.hostname} did not take the mail: {failure.what}", do=failure.do
        ) from error
    if refused:
        recipients = [address.addr_spec for address in mail["To"].addresses]
        places = ", ".join(str(place) for place, address in enumerate(recipients, 1) if address in refused)
        raise TerminalError(
            f"the mail was sent, but {server.hostname} refused {len(refused)} of {len(recipients)} recipients, "
            f"by their place in the list: {places}",
            do="correct them, then send the mail to them alone with --to",
        )


def _connected(server: SplitResult) -> smtplib.SMTP:
    host, port = server.hostname or "", server.port or _PORTS[server.scheme]
    if server.scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
    client = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    if server.scheme == "smtp+starttls":
        try:
            client.starttls(context=ssl.create_default_context())
        except BaseException:
            client.close()
            raise
    return client


def _parsed(url: str) -> SplitResult:
    try:
        server = urlsplit(url)
        # A password with a sign that ends the host would have its rest in the path, and its beginning in messages.
        rest = server.path.strip("/") + server.query + server.fragment
        is_valid = server.scheme in _PORTS and bool(server.hostname) and (server.port or 1) > 0 and not rest
    except ValueError:
        is_valid = False
    if not is_valid:  # the URL may hold a password, so it is not repeated
        raise ConfigurationError(
            "[report.mail] smtp cannot be used",
            allowed=ALLOWED,
            do="correct it; write @ : / ? # and % of a password as %40 %3A %2F %3F %23 and %25",
        )
    if server.scheme == "smtp" and server.username and not is_loopback(server.hostname or ""):
        raise ConfigurationError(
            "[report.mail] smtp would send its password unencrypted",
            allowed=ALLOWED,
            do="use smtp+starttls:// (port 587) or smtps:// (port 465)",
        )
    return server
