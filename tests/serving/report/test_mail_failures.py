"""Reasons of mail servers in words."""

from __future__ import annotations

import smtplib
import socket
import ssl

import pytest

from serving.report.mail_failures import mail_failure

ADDRESS = "ada@example.org"
TEXT = f"no {ADDRESS}".encode()


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (smtplib.SMTPAuthenticationError(535, TEXT), "it refused the user or the password (535)"),
        (smtplib.SMTPRecipientsRefused({ADDRESS: (451, TEXT)}), "it refused all recipients (451)"),
        (smtplib.SMTPSenderRefused(550, TEXT, ADDRESS), "it refused the sender (550)"),
        (smtplib.SMTPDataError(554, TEXT), "it refused the content (554)"),
        (smtplib.SMTPConnectError(421, TEXT), "it did not greet as a mail server that is free (421)"),
        (smtplib.SMTPConnectError(-1, TEXT), "it did not greet as a mail server that is free"),
        (smtplib.SMTPServerDisconnected(f"after {ADDRESS}"), "it closed the connection, or did not answer in time"),
        (
            ssl.SSLCertVerificationError("self-signed"),
            "its certificate is not valid for this name, or not trusted here",
        ),
        (socket.gaierror(-2, "Name or service not known"), "its name is not known"),
        (TimeoutError(), "it did not answer in time"),
        (OSError(113, "No route to host"), "OSError"),
    ],
)
def test_the_reason_is_in_words_and_repeats_no_address(error: OSError | smtplib.SMTPException, what: str) -> None:
    failure = mail_failure(error)
    assert failure.what == what
    assert ADDRESS not in failure.do
    assert failure.do
