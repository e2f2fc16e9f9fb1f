"""The report as a mail: a subject, plain text, and a plain table; the whole page is attached as a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reporting.page.html_page import environment
from reporting.page.page_model import Alarm, Card, Figure, ReportPage
from reporting.page.page_view import PageView
from reporting.page.palette import LIGHT


@dataclass(frozen=True)
class MailLine:
    """A line of the mail: an alarm, or a figure with its details."""

    name: str
    value: str
    details: tuple[str, ...]
    is_urgent: bool


def render_mail(page: ReportPage, *, base_url: str = "") -> tuple[str, str, str]:
    """Return subject, text and HTML of the mail.

    Parameters
    ----------
    page
        Content.
    base_url
        Address of the page; empty: the mail has no link.

    Notes
    -----
    Mail programs drop style sheets and SVG, so the HTML is one table with inline style. The file to attach is
    ``render_html(page, standalone=True, base_url=base_url)``.
    """
    view = PageView(page, standalone=True, base_url=base_url)
    subject = f"{view.text(page.title)}: {view.numbers.period(page.first_day, page.last_day)}"
    lines = [*(_alarm(view, alarm) for alarm in page.alarms), *(_card(view, card) for card in page.cards)]
    scope = [view.numbers.period(page.first_day, page.last_day), page.zone, *([page.currency] if page.money else [])]
    if page.compared is not None:
        scope.append(view.t("against {period}", period=view.numbers.period(*page.compared)))
    head = [", ".join(scope)]
    head += [f"{view.text(view.levels[notice.level][1])}: {view.text(notice.message)}" for notice in page.notices]
    head += [
        view.t("{source}: stale, {age} old", source=source.source, age=view.days(source.age_days))
        for source in page.sources
        if source.stale
    ]
    address = view.t("The whole report: {address}", address=base_url) if base_url else ""
    html = (
        environment()
        .get_template("mail.html.j2")
        .render(page=page, view=view, t=view.t, lines=lines, head=head, colours=LIGHT, base_url=base_url)
    )
    body = "\n".join(line for line in (line.strip() for line in html.splitlines()) if line) + "\n"
    return subject, "\n".join(_text(view.text(page.title), head, lines, address)), body


def _text(title: str, head: list[str], lines: list[MailLine], address: str) -> Iterator[str]:
    yield from (title, *head, "")
    for line in lines:
        yield f"{'! ' if line.is_urgent else ''}{line.name}: {line.value}" if line.value else f"! {line.name}"
        yield from (f"    {detail}" for detail in line.details)
    yield ""
    if address:
        yield address


def _alarm(view: PageView, alarm: Alarm) -> MailLine:
    amount = f"{view.value(alarm.figure)} {view.text(alarm.figure.title)}" if alarm.figure else ""
    return MailLine(view.text(alarm.headline), amount, (view.text(alarm.detail),), True)


def _card(view: PageView, card: Card) -> MailLine:
    figure = card.figure
    value = view.value(figure)
    if card.seen and card.predicted and figure.quantity is not None:
        seen, predicted = view.numbers.compact(card.seen), view.numbers.compact(card.predicted)
        value = f"{seen} + {predicted} ({view.t('seen + predicted')})"
    details = (*_details(view, figure), *(view.text(line) for line in card.lines))
    return MailLine(view.text(figure.title), value, details, False)


def _details(view: PageView, figure: Figure) -> Iterator[str]:
    if figure.quantity is not None and figure.bounds():
        yield view.t("80% interval: {interval}", interval=view.interval(figure))
    if figure.goal:
        yield view.goal(figure)
    if figure.change is not None:
        yield f"{view.numbers.change(figure.change)} {view.t('against the comparison period')}"
    if figure.note:
        yield view.text(figure.note)
