"""Mails: their headers and parts, and what becomes of a server that does not answer."""

from __future__ import annotations

import socket

import pytest

from leadworth.errors import ConfigurationError, TerminalError, TransientError
from serving.report.mail_sender import Attachment, composed, send
from tests.serving.report.smtp_sink import SmtpSession, smtp_sink


def test_headers() -> None:
    mail = composed("Leads <a@example.com>", ["b@example.com", "c@example.com"], "One\r\nBcc:  x", "Hello", None)
    assert (mail["To"], mail["Subject"]) == ("b@example.com, c@example.com", "One Bcc: x")
    assert mail["Bcc"] is None
    assert mail["Message-ID"].endswith("@example.com>")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"


def test_parts() -> None:
    files = [Attachment("report.html", "text/html", "<p>à</p>"), Attachment("leads.csv", "text/csv", "a;b")]
    mail = composed("a@example.com", ["b@example.com"], "s", "Hello", "<p>Hello</p>", files)
    assert mail.get_content_type() == "multipart/mixed"
    assert mail.get_body(("plain",)).get_content() == "Hello\n"
    assert mail.get_body(("html",)).get_content() == "<p>Hello</p>\n"
    kept = [(part.get_filename(), part.get_content_type()) for part in mail.iter_attachments()]
    assert kept == [("report.html", "text/html"), ("leads.csv", "text/csv")]
    assert [part.get_payload(decode=True).decode() for part in mail.iter_attachments()] == ["<p>à</p>", "a;b"]


def test_a_mail_arrives() -> None:
    mail = composed("a@example.com", ["b@example.com"], "Reporté", "Ciao è", None)
    with smtp_sink() as (url, mails):
        send(url, mail)
    assert [(kept["Subject"], kept.get_content().strip()) for kept in mails] == [("Reporté", "Ciao è")]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "smtp://",
        "http://mail.example.com",
        "smtp://u:hunter2@host:99999",
        "smtp://u:hunter2@host:port",
        "smtp://u:a@hunter2#b@host",
        "smtp://u:a@hunter2/b@host",
        "smtp://u:a@hunter2?b@host",
    ],
)
def test_an_url_that_cannot_be_used_is_not_repeated(url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        send(url, composed("a@example.com", ["b@example.com"], "s", "t", None))
    assert "hunter2" not in str(refused.value)


def test_a_server_that_is_away_or_refuses_is_transient() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"smtp://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(TransientError, match="it refused the connection; what to do: check host and port"):
        send(url, composed("a@example.com", ["b@example.com"], "s", "t", None))
    with (
        smtp_sink() as (url, mails),
        pytest.raises(TransientError, match=r"it refused all recipients \(550\)") as refused,
    ):
        send(url, composed("a@example.com", ["refused@example.com"], "s", "t", None))
    assert mails == []
    assert "refused@example.com" not in str(refused.value)


def test_recipients_that_are_refused_are_counted_and_the_others_have_the_mail() -> None:
    named = ["b@example.com", "Eva <refused@example.com>", "c@example.com"]
    with smtp_sink() as (url, mails), pytest.raises(TerminalError, match=r"refused 1 of 3 recipients.*: 2") as refused:
        send(url, composed("a@example.com", named, "s", "t", None))
    assert len(mails) == 1
    assert "refused@example.com" not in str(refused.value)


def test_what_the_server_cannot_do_is_named() -> None:
    with smtp_sink() as (url, _):
        mail = composed("a@example.com", ["b@example.com"], "s", "t", None)
        with pytest.raises(TransientError, match="does not support STARTTLS"):
            send(url.replace("smtp:", "smtp+starttls:"), mail)
        with pytest.raises(
            TransientError, match="does not speak TLS in this way; what to do: use smtps:// for port 465"
        ):
            send(url.replace("smtp:", "smtps:"), mail)
        with pytest.raises(TransientError, match="does not support a login"):
            send(url.replace("//", "//ada:secret@"), mail)
        with pytest.raises(TransientError, match="addresses in ASCII only"):
            send(url, composed("a@example.com", ["évà@example.com"], "s", "t", None))


def test_a_password_beyond_ascii_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SmtpSession, "extensions", "250-sink\r\n250 AUTH PLAIN")
    with smtp_sink() as (url, _), pytest.raises(ConfigurationError, match="beyond ASCII"):
        send(url.replace("//", "//ada:p%C3%A4ss@"), composed("a@example.com", ["b@example.com"], "s", "t", None))


def test_a_password_is_not_sent_unencrypted_to_another_machine() -> None:
    with pytest.raises(ConfigurationError, match=r"unencrypted.*smtps://") as refused:
        send("smtp://ada:secret@mail.example.com", composed("a@example.com", ["b@example.com"], "s", "t", None))
    assert "secret" not in str(refused.value)
