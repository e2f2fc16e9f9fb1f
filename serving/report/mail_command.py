"""`leadworth report mail`: send the page, and the leads that wait to sales."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadworth.console import console
from leadworth.errors import ConfigurationError
from leadworth.settings import FILE_NAME, load_settings

if TYPE_CHECKING:
    from email.message import EmailMessage

    from sqlalchemy import Connection

    from leadworth.settings import Settings

SHOWN = 20
"""Leads in the text of the mail to sales; the file has all."""

_ATOM = r"[^\s<>()\[\]\\,;:@\"]+"
_ADDRESS = re.compile(rf"{_ATOM}@{_ATOM}|(?:{_ATOM}\s+)*<{_ATOM}@{_ATOM}>")


def mail(
    to: Annotated[list[str] | None, typer.Option(help="Address, instead of those of the settings; may repeat.")] = None,
    sales: Annotated[bool, typer.Option("--sales", help="Send the list of MQLs that wait, not the page.")] = False,
    money: Annotated[bool, typer.Option(help="Whether the mail shows money.")] = True,
    url: Annotated[str, typer.Option(help="Address of the page, for the links.")] = "",
    query: Annotated[str, typer.Option(help="Filters, as in the address of the page.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the mail, send nothing.")] = False,
    config: Annotated[Path, typer.Option("--config", "-c", help="Settings file.")] = Path(FILE_NAME),
) -> None:
    """Send the report by mail: figures and alarms in the text, the whole page attached as one file.

    With --sales: the MQLs that no one has contacted, the most valuable first, as text and CSV.
    """
    from serving.report.mail_sender import send
    from store.engine import open_store

    settings = load_settings(config)
    recipients = _recipients(settings, to or [], sales=sales, required=not dry_run)
    server = settings.report.mail.smtp
    if server is None and not dry_run:
        raise ConfigurationError(
            "no mail server is set", allowed="smtps://user:password@host:465", do="set [report.mail] smtp"
        )
    now = datetime.now(UTC)
    with open_store(settings) as engine, engine.connect() as connection:
        if sales:
            message = sales_mail(connection, settings, recipients, money=money, now=now)
        else:
            message = page_mail(connection, settings, recipients, query, money=money, url=url, now=now)
    if dry_run or server is None:
        body = message.get_body(("plain",))
        addresses = message["To"] or f"no recipient is configured; {_no_recipient(sales=sales).do}"
        console.print(f"To: {addresses}\nSubject: {message['Subject']}\n", markup=False, soft_wrap=True)
        console.print(body.get_content() if body is not None else "", markup=False, soft_wrap=True)
        return
    send(server.get_secret_value(), message)
    console.print(f"Sent to {len(recipients)} addresses: {message['Subject']}", markup=False, soft_wrap=True)


def page_mail(
    connection: Connection,
    settings: Settings,
    recipients: Sequence[str],
    query: str,
    *,
    money: bool,
    url: str,
    now: datetime,
) -> EmailMessage:
    """Return the mail with the page."""
    from reporting.page.html_page import render_html
    from reporting.page.mail_page import render_mail
    from serving.report.mail_sender import Attachment, composed
    from serving.report.page_command import report_page

    page = report_page(connection, settings, query, money=money, now=now)
    subject, text, html = render_mail(page, base_url=url)
    attached = Attachment("report.html", "text/html", render_html(page, standalone=True, base_url=url))
    return composed(_sender(settings), recipients, subject, text, html, [attached])


def sales_mail(
    connection: Connection, settings: Settings, recipients: Sequence[str], *, money: bool, now: datetime
) -> EmailMessage:
    """Return the mail with the MQLs that wait: ids, channels and values, with links to the CRM."""
    from reporting.facts.report_days import report_zone
    from reporting.page.languages import Translator
    from reporting.page.page_model import Message, Quantity, Unit
    from reporting.views.block_tables import csv_lines
    from reporting.views.drill_figures import drill_down_of
    from reporting.views.lead_list import age_days, crm_address, lead_columns, lead_row
    from reporting.views.report_filters import ReportFilters
    from serving.report.mail_sender import Attachment, composed
    from store.drill_down import every_lead

    behind = drill_down_of(connection, settings, ReportFilters(), "untouched_mql", now)
    leads = list(every_lead(connection, behind.selection)) if behind.selection is not None else []
    translator = Translator(settings.report.language, str(report_zone(settings)))
    lines = []
    for lead in leads[:SHOWN]:
        cells = [lead["lead_id"], lead["channel"], translator.numbers.exact(Quantity(age_days(lead, now), Unit.DAYS))]
        if money and lead["value_micros"] is not None:
            cells.append(translator.numbers.exact(Quantity(lead["value_micros"] / 1e6, Unit.MONEY, settings.currency)))
        cells.append(crm_address(settings.report.crm_link, lead["lead_id"]) or "")
        lines.append("  ".join(cell for cell in cells if cell))
    subject = translator.text(Message("MQLs that wait for sales: {count}", {"count": Quantity(len(leads))}))
    rows = (lead_row(lead, behind, money, now) for lead in leads)
    file = Attachment("leads.csv", "text/csv", "".join(csv_lines(lead_columns(behind, money), rows, excel=False)))
    return composed(_sender(settings), recipients, subject, "\n".join([subject, "", *lines, ""]), None, [file])


def _sender(settings: Settings) -> str:
    return settings.report.mail.sender or "leadworth@localhost"


def _recipients(settings: Settings, to: Sequence[str], *, sales: bool, required: bool) -> list[str]:
    """Return the addresses of a mail.

    Raises
    ------
    ConfigurationError
        If there are none where they are required, or one is no address.
    """
    named = settings.report.mail
    recipients = list(to) or list(named.sales_recipients if sales else named.recipients)
    if required and not recipients:
        raise _no_recipient(sales=sales)
    for address in (*recipients, _sender(settings)):
        if not address.isprintable() or not _ADDRESS.fullmatch(address):
            raise ConfigurationError(
                "a recipient or the sender is not an address",
                allowed="name@example.com, Name <name@example.com>",
                do="correct [report.mail] or --to",
            )
    return recipients


def _no_recipient(*, sales: bool) -> ConfigurationError:
    setting = "sales_recipients" if sales else "recipients"
    return ConfigurationError("the mail has no recipient", do=f"set [report.mail] {setting}, or use --to")
