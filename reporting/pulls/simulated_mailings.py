"""E-mail campaigns of a simulated account, and the base of the peers of mailing tools."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from reporting.pulls.pull_peer import PullPeer
from reporting.pulls.simulated_days import DAYS, Sums


@dataclass(frozen=True)
class Mailing:
    """A campaign that was sent.

    Attributes
    ----------
    proxied
        Deliveries that a proxy opened.
    opens
        Opens by people.
    """

    ident: str
    name: str
    sent_at: datetime
    sent: int
    hard_bounces: int
    soft_bounces: int
    proxied: int
    opens: int
    clicks: int
    unsubscribes: int
    complaints: int

    @property
    def delivered(self) -> int:
        """E-mails that arrived."""
        return self.sent - self.hard_bounces - self.soft_bounces


class MailingPeer(PullPeer):
    """A peer whose account sends e-mails.

    Attributes
    ----------
    mailings
        Campaigns that were sent, at most one a day.
    """

    zone = "UTC"

    def __init__(self, last_day: date) -> None:
        super().__init__(last_day)
        draw = random.Random(5)
        self.mailings = [
            Mailing(
                f"m{offset}",
                f"Newsletter {offset}",
                datetime.combine(last_day - timedelta(days=offset), time(draw.randint(0, 23), 30), UTC),
                sent,
                sent // 100,
                sent // 50,
                sent // 3,
                sent // 7,
                sent // 40,
                sent // 300,
                offset % 2,
            )
            for offset in range(0, DAYS, 3)
            for sent in (draw.randint(500, 9_000),)
        ]

    def restate(self, day: date) -> None:
        """Let one more reader open and click on an e-mail of a day."""
        self.mailings = [
            replace(mail, opens=mail.opens + 1, clicks=mail.clicks + 1) if mail.sent_at.date() == day else mail
            for mail in self.mailings
        ]

    def clear(self, day: date) -> None:
        """Remove the campaigns of a day."""
        self.mailings = [mail for mail in self.mailings if mail.sent_at.date() != day]

    def sums(self) -> Sums:
        """Return the counts by day."""
        sums: dict[tuple[str, date], Decimal] = defaultdict(Decimal)
        for mail in self.mailings:
            day = mail.sent_at.date()
            sums["email_sent", day] += mail.sent
            sums["email_delivered", day] += mail.delivered
            sums["email_trackable", day] += mail.delivered - mail.proxied
            sums["email_opens", day] += mail.opens
            sums["email_clicks", day] += mail.clicks
            sums["email_unsubscribes", day] += mail.unsubscribes
            sums["email_complaints", day] += mail.complaints
        return sums

    def sent_between(self, since: str, before: str) -> list[Mailing]:
        """Return the campaigns of a time, from and to moments of ISO 8601."""
        begin, end = datetime.fromisoformat(since), datetime.fromisoformat(before)
        return [mail for mail in self.mailings if begin <= mail.sent_at < end]
