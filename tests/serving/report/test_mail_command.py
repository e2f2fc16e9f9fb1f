"""`leadworth report mail`: page and list of leads over a real SMTP connection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest
from typer.testing import CliRunner

from leadworth.errors import ConfigurationError, TransientError
from serving.report.mail_sender import send
from serving.report.report_command import app
from store.engine import open_engine
from store.migrate import upgrade
from tests.reporting.make_facts import insert_facts, random_facts
from tests.serving.report.smtp_sink import smtp_sink


@dataclass
class Office:
    """A project whose mails arrive in a list."""

    config: Path
    mails: list[EmailMessage]
    waiting: int

    def run(self, *arguments: str) -> str:
        result = CliRunner().invoke(app, [*arguments, "--config", str(self.config)])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.output


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    engine = open_engine(f"sqlite:///{tmp_path / 'leadworth.db'}")
    upgrade(engine)
    made = random_facts(5, leads=200, days=90)
    with engine.begin() as connection:
        insert_facts(connection, made)
    engine.dispose()
    waiting = [row for row in made.leads if row["mql_at"] and not row["touched_at"] and row["value_micros"] is not None]
    with smtp_sink() as (url, mails):
        config = tmp_path / "leadworth.toml"
        config.write_text(
            f'currency = "EUR"\n[leads]\npath = "leads.csv"\n[report]\ncrm_link = "https://crm.example.com/{{lead_id}}"\n'
            f'[report.mail]\nsmtp = "{url}"\nsender = "Leads <leads@example.com>"\n'
            'recipients = ["ana@example.com", "ivo@example.com"]\nsales_recipients = ["sales@example.com"]\n'
        )
        yield Office(config, mails, len(waiting))


def parts_of(mail: EmailMessage) -> dict[str, str]:
    return {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()}


def test_the_page_is_sent_with_the_whole_file(office: Office) -> None:
    output = office.run("mail", "--url", "https://leads.example.com/report")
    assert "Sent to 2 addresses" in output
    [mail] = office.mails
    assert mail["To"] == "ana@example.com, ivo@example.com"
    assert mail["From"] == "Leads <leads@example.com>"
    body = mail.get_body(("plain",))
    assert body is not None
    assert "€" in body.get_content()
    [file] = list(mail.iter_attachments())
    html = file.get_content()
    html = html.decode() if isinstance(html, bytes) else html
    assert file.get_filename() == "report.html"
    assert "<script" not in html
    assert len(html.encode()) < 150_000


def test_without_money_no_amount_is_in_the_mail(office: Office) -> None:
    office.run("mail", "--no-money", "--to", "board@example.com")
    [mail] = office.mails
    assert mail["To"] == "board@example.com"
    text = mail.as_bytes(policy=mail.policy.clone(cte_type="8bit")).decode()
    contents = "".join(content if isinstance(content, str) else content.decode() for content in parts_of(mail).values())
    assert "€" not in contents + text


def test_sales_gets_the_leads_that_wait(office: Office) -> None:
    office.run("mail", "--sales")
    [mail] = office.mails
    assert mail["To"] == "sales@example.com"
    assert str(office.waiting) in mail["Subject"]
    body = mail.get_body(("plain",))
    assert body is not None
    assert len(re.findall("https://crm.example.com/L", body.get_content())) == min(office.waiting, 20)
    [file] = list(mail.iter_attachments())
    content = file.get_content()
    text = content.decode() if isinstance(content, bytes) else content
    assert f"# rows: {office.waiting}" in text


def test_a_dry_run_sends_nothing(office: Office) -> None:
    assert "Subject: " in office.run("mail", "--dry-run")
    assert not office.mails


def test_a_mail_that_the_server_refuses_is_an_error(office: Office) -> None:
    with pytest.raises(TransientError, match="did not take the mail"):
        office.run("mail", "--to", "refused@example.com")


@pytest.mark.parametrize("url", ["http://mail.example.com", "smtp://", "smtp://host:port", "mail.example.com"])
def test_a_server_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="smtps://"):
        send(url, EmailMessage())


@pytest.mark.parametrize(("options", "setting"), [((), "recipients"), (("--sales",), "sales_recipients")])
def test_a_mail_needs_recipients_and_a_dry_run_does_not(office: Office, options: tuple[str, ...], setting: str) -> None:
    office.config.write_text('currency = "EUR"\n[leads]\npath = "leads.csv"\n')
    with pytest.raises(ConfigurationError, match="no recipient"):
        office.run("mail", *options)
    printed = office.run("mail", "--dry-run", *options)
    assert f"To: no recipient is configured; set [report.mail] {setting}, or use --to" in printed
    assert "Subject: " in printed


@pytest.mark.parametrize("address", ["eva@", "a b@c d", "eva", "a@b.example, c@d.example", "a@b@c", "Eva a@b.example"])
def test_what_is_no_address_is_refused(office: Office, address: str) -> None:
    with pytest.raises(ConfigurationError, match="not an address"):
        office.run("mail", "--to", address)
    assert not office.mails
