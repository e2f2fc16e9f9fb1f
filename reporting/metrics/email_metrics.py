"""Metrics of e-mail, without machines: opens by proxies and clicks by scanners are no people."""

from __future__ import annotations

from reporting.metrics.definition import define, ratio
from reporting.metrics.metric import Kind
from reporting.page.page_model import Message, Unit


@define(
    Message("E-mails delivered"),
    Kind.LEADING,
    Unit.SHARE,
    Message("e-mails delivered / e-mails sent"),
    ({"email_delivered": 9_700, "email_sent": 10_000}, 0.97),
)
def email_delivery(email_delivered: int, email_sent: int) -> float | None:
    """Return the share of e-mails that arrived."""
    return ratio(email_delivered, email_sent)


@define(
    Message("E-mails opened"),
    Kind.LEADING,
    Unit.SHARE,
    Message("opens by people / e-mails whose opening can be seen"),
    ({"email_opens": 1_500, "email_trackable": 6_000}, 0.25),
)
def email_open(email_opens: int, email_trackable: int) -> float | None:
    """Return the share opened among e-mails whose opening can be seen."""
    return ratio(email_opens, email_trackable)


@define(
    Message("E-mails clicked"),
    Kind.LEADING,
    Unit.SHARE,
    Message("clicks by people / e-mails delivered"),
    ({"email_clicks": 300, "email_delivered": 9_700}, 300 / 9_700),
)
def email_click(email_clicks: int, email_delivered: int) -> float | None:
    """Return the share of delivered e-mails in which a person, not a mail scanner, clicked."""
    return ratio(email_clicks, email_delivered)


@define(
    Message("Subscribed"),
    Kind.LEADING,
    Unit.SHARE,
    Message("subscriptions / e-mails delivered"),
    ({"email_subscribes": 97, "email_delivered": 9_700}, 0.01),
)
def email_subscribe(email_subscribes: int, email_delivered: int) -> float | None:
    """Return the new subscriptions per delivered e-mail."""
    return ratio(email_subscribes, email_delivered)


@define(
    Message("Unsubscribed"),
    Kind.LEADING,
    Unit.SHARE,
    Message("unsubscriptions / e-mails delivered"),
    ({"email_unsubscribes": 30, "email_delivered": 9_700}, 30 / 9_700),
    higher_is_better=False,
)
def email_unsubscribe(email_unsubscribes: int, email_delivered: int) -> float | None:
    """Return the share of delivered e-mails after which the reader unsubscribed."""
    return ratio(email_unsubscribes, email_delivered)


@define(
    Message("MQLs from e-mail"),
    Kind.LEADING,
    Unit.SHARE,
    Message("MQLs from e-mail / e-mails delivered"),
    ({"email_mqls": 12, "email_delivered": 9_700}, 12 / 9_700),
    is_quality=True,
)
def email_mql(email_mqls: int, email_delivered: int) -> float | None:
    """Return the MQLs per delivered e-mail."""
    return ratio(email_mqls, email_delivered)


@define(
    Message("Wins from e-mail"),
    Kind.LAGGING,
    Unit.SHARE,
    Message("wins from e-mail / e-mails delivered"),
    ({"email_wins": 2, "email_delivered": 10_000}, 0.0002),
    is_quality=True,
)
def email_conversion(email_wins: int, email_delivered: int) -> float | None:
    """Return the wins per delivered e-mail."""
    return ratio(email_wins, email_delivered)
