"""Why a mail server did not take a mail, and what to do: without the text of the server, which may repeat addresses."""

from __future__ import annotations

import smtplib
import socket
import ssl
from dataclasses import dataclass


@dataclass(frozen=True)
class MailFailure:
    """What happened, and what to do about it."""

    what: str
    do: str


_CHECK = "check host and port in [report.mail] smtp, then repeat"
_LATER = "repeat later; if it stays so, ask who runs the server"
_FAILURES: tuple[tuple[type[Exception], str, str], ...] = (
    (smtplib.SMTPAuthenticationError, "it refused the user or the password", "correct them in [report.mail] smtp"),
    (
        smtplib.SMTPRecipientsRefused,
        "it refused all recipients",
        "correct [report.mail] recipients or sales_recipients, or use --to; a server may also want a login",
    ),
    (
        smtplib.SMTPSenderRefused,
        "it refused the sender",
        "set [report.mail] sender to an address that it sends for; it may also want a login",
    ),
    (smtplib.SMTPDataError, "it refused the content", _LATER),
    (smtplib.SMTPConnectError, "it did not greet as a mail server that is free", _LATER),
    (smtplib.SMTPServerDisconnected, "it closed the connection, or did not answer in time", _CHECK),
    (
        ssl.SSLCertVerificationError,
        "its certificate is not valid for this name, or not trusted here",
        "use the name in the certificate, or set SSL_CERT_FILE to the file of its authority",
    ),
    (
        ssl.SSLError,
        "it does not speak TLS in this way",
        "use smtps:// for port 465, smtp+starttls:// for port 587 and smtp:// for port 25",
    ),
    (socket.gaierror, "its name is not known", _CHECK),
    (ConnectionRefusedError, "it refused the connection", _CHECK),
    (TimeoutError, "it did not answer in time", _CHECK),
)
"""The first that fits counts."""


def mail_failure(error: OSError | smtplib.SMTPException) -> MailFailure:
    """Return why a mail was not taken.

    Examples
    --------
    >>> mail_failure(smtplib.SMTPDataError(552, b"too large, ada@example.org")).what
    'it refused the content (552)'
    """
    if isinstance(error, smtplib.SMTPNotSupportedError):  # the text is that of smtplib
        what = "it does not support STARTTLS" if "STARTTLS" in str(error) else ""
        what = what or ("it does not support a login" if "AUTH" in str(error) else "it takes addresses in ASCII only")
        return MailFailure(what, "use another scheme or server in [report.mail] smtp, or other addresses")
    for kind, what, do in _FAILURES:
        if isinstance(error, kind):
            return MailFailure(f"{what}{_code(error)}", do)
    return MailFailure(type(error).__name__, _CHECK)


def _code(error: Exception) -> str:
    """Return the code of the server in brackets, where there is one."""
    codes = {getattr(error, "smtp_code", None)}
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = {code for code, _ in error.recipients.values()}
    return "".join(f" ({code})" for code in sorted(code for code in codes if isinstance(code, int) and code > 0))
