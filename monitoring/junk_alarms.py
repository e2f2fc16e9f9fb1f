"""Alarms on the junk share of each channel, with the campaign behind the rise and the money at risk.

`JunkMonitor` keeps one `monitoring.cusum.Cusum` and a few sums per channel between looks, so that a look costs time in
proportion to the new leads only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from monitoring.cusum import Cusum, alarm_limit

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from store.recent_decisions import FirstDecision

PAGE_ROWS = 5_000
"""Decisions read by one query."""
SETTLED = timedelta(seconds=5)
"""Age from which a decision is read: by then, decisions with a smaller id have been committed too, except those in a
spool, which the daily restart counts."""
RESTART = timedelta(days=1)
"""How far the leads of a monitor may reach back beyond its period before it starts anew."""
SHARE_DAYS = 30
"""Days of the current junk share of a channel."""
MAX_CHANNELS = 1_000
"""Channels with a detector of their own; leads of further ones count with those that have no channel."""
MAX_CAMPAIGNS = 1_000
"""Campaigns of a channel that are counted; leads of further ones count with those that have no campaign."""
_UNDECIDED = (0.3, 0.7)
_DAY = 86_400.0


@dataclass(frozen=True)
class JunkAlarm:
    """A rise of the junk share that has not ended, in business terms.

    Attributes
    ----------
    channel, campaign
        Channel of the rise, and the campaign that brought most of the new junk; empty where no single one did.
    since, seconds
        Time of the first lead after the change, and of the alarm (both in seconds since 1970).
    leads, junk
        Leads since the change, and those of them that are classified as junk.
    before, after, low, high
        Junk share before and after the change, the latter with its 95 % interval (Wilson).
    credited
        What counting forms alone would have credited to that junk: junk x the mean predicted value of the
        channel's other leads.
    wasted
        What sales would have spent on it: junk x touch cost.
    """

    channel: str
    campaign: str
    since: float
    seconds: float
    leads: int
    junk: int
    before: float
    after: float
    low: float
    high: float
    credited: float
    wasted: float

    @property
    def at_risk(self) -> float:
        """Money at risk: credited + wasted, in the currency of the values."""
        return self.credited + self.wasted


class ChannelMonitor:
    """Junk share of one channel: its detector, and the sums that an alarm reports."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self.detector = Cusum()
        self._first_seconds = 0.0
        self._since = 0.0
        self._alarm_seconds = 0.0
        self._genuine = 0
        self._genuine_value = 0.0
        self._campaigns: Counter[str] = Counter()
        self._new_campaigns: Counter[str] = Counter()
        self._new_junk: Counter[str] = Counter()
        self._days: dict[int, tuple[int, int]] = {}

    def update(self, lead: FirstDecision, junk: bool, prior_share: float) -> None:
        """Add the next lead; `prior_share` is the junk share of all channels so far."""
        detector, seconds = self.detector, lead.seconds
        if detector.count == 0:
            self._first_seconds = seconds
        if not junk:
            self._genuine += 1
            self._genuine_value += lead.value
        days = max((seconds - self._first_seconds) / _DAY, 1.0)
        position = detector.count
        previous_alarm = detector.alarm
        detector.update(junk, prior_share, alarm_limit(365.0 * (position + 1) / days))
        if detector.alarm is not None and detector.alarm != previous_alarm:
            self._alarm_seconds = seconds
        if self._new_campaigns and detector.start in {None, position}:
            self._campaigns.update(self._new_campaigns)
            self._new_campaigns.clear()
            self._new_junk.clear()
        self._count_campaign(lead.campaign, junk, position, seconds)
        self._count_day(int(seconds // _DAY), junk)

    def _count_campaign(self, campaign: str, junk: bool, position: int, seconds: float) -> None:
        """Count a campaign before the current excursion of the detector, or in it."""
        names = len(self._campaigns) + len(self._new_campaigns)
        if names >= MAX_CAMPAIGNS and campaign not in self._campaigns and campaign not in self._new_campaigns:
            campaign = ""
        if self.detector.start is None:
            self._campaigns[campaign] += 1
            return
        if self.detector.start == position:
            self._since = seconds
        self._new_campaigns[campaign] += 1
        if junk:
            self._new_junk[campaign] += 1

    def _count_day(self, day: int, junk: bool) -> None:
        leads, suspects = self._days.get(day, (0, 0))
        self._days[day] = (leads + 1, suspects + junk)
        if leads == 0:
            newest = max(self._days)
            self._days = {day: counts for day, counts in self._days.items() if day > newest - SHARE_DAYS}

    def recent_counts(self, now: datetime) -> tuple[int, int]:
        """Return the leads of the last 30 days (UTC), and those of them that are classified as junk."""
        first = int(now.timestamp() // _DAY) - SHARE_DAYS
        recent = [counts for day, counts in self._days.items() if day > first]
        return sum(leads for leads, _ in recent), sum(junk for _, junk in recent)

    def alarm(self, touch_cost: float) -> JunkAlarm | None:
        """Return the current alarm, or None where there is none."""
        if self.detector.alarm is None:
            return None
        from scipy.stats import binomtest

        leads, junk = self._new_campaigns.total(), self._new_junk.total()
        interval = binomtest(junk, leads).proportion_ci(confidence_level=0.95, method="wilson")
        mean_value = self._genuine_value / self._genuine if self._genuine else 0.0
        return JunkAlarm(
            channel=self.channel,
            campaign=self._driver(),
            since=self._since,
            seconds=self._alarm_seconds,
            leads=leads,
            junk=junk,
            before=self.detector.usual_share,
            after=junk / leads,
            low=float(interval.low),
            high=float(interval.high),
            credited=mean_value * junk,
            wasted=touch_cost * junk,
        )

    def _driver(self) -> str:
        """Return the campaign of most of the junk since the change, if that is more than its usual share."""
        name, count = min(self._new_junk.items(), key=lambda item: (-item[1], item[0]))
        share = count / self._new_junk.total()
        usual = self._campaigns[name] / max(self._campaigns.total(), 1)
        return name if share > 0.5 or share > 1.5 * usual else ""


class JunkMonitor:
    """Junk alarms of all channels over a period, updated from the decision log.

    Parameters
    ----------
    period
        How far back leads count. The monitor starts anew, reading the period in pages, where its leads reach back
        a day further.

    Attributes
    ----------
    since
        Start of the period; set by `look`.
    leads
        Leads read.
    channels
        Monitor of each channel.
    """

    def __init__(self, period: timedelta) -> None:
        self._period = period
        self.restart(datetime.min.replace(tzinfo=UTC), None)

    def restart(self, since: datetime, junk_threshold: float | None) -> None:
        """Start anew, without leads; see `look` for the parameters."""
        self.since = since
        self._junk_threshold = junk_threshold
        self._last_id = ""
        self._junk = 0
        self._undecided = 0
        self.leads = 0
        self.channels: dict[str, ChannelMonitor] = {}

    def look(self, connection: Connection, now: datetime, junk_threshold: float | None) -> None:
        """Read the decisions since the last look.

        Parameters
        ----------
        connection
            Of the decision store.
        now
            Current time; decisions of the last five seconds are left to the next look.
        junk_threshold
            Junk probability from which a lead is classified as junk; None: leads whose verdict was not accept. A new
            threshold starts the monitor anew.
        """
        from store.recent_decisions import first_decisions

        if junk_threshold != self._junk_threshold or now - self._period - self.since > RESTART:
            self.restart(now - self._period, junk_threshold)
        while True:
            page = first_decisions(connection, self.since, self._last_id, now - SETTLED, PAGE_ROWS)
            self.update(page)
            if len(page) < PAGE_ROWS:
                return

    def update(self, leads: Iterable[FirstDecision]) -> None:
        """Add leads in order of their decisions, one decision each."""
        threshold = self._junk_threshold
        for lead in leads:
            junk = not lead.accepted if threshold is None else lead.junk_probability >= threshold
            self.leads += 1
            self._junk += junk
            self._undecided += _UNDECIDED[0] < lead.junk_probability < _UNDECIDED[1]
            self._last_id = lead.decision_id
            self._channel(lead.channel).update(lead, junk, self._junk / self.leads)

    def _channel(self, name: str) -> ChannelMonitor:
        channel = self.channels.get(name)
        if channel is None:
            known = name if len(self.channels) < MAX_CHANNELS else ""
            channel = self.channels.setdefault(known, ChannelMonitor(known))
        return channel

    @property
    def undecided_share(self) -> float:
        """Share of the leads with a junk probability between 0.3 and 0.7."""
        return self._undecided / self.leads if self.leads else 0.0

    def alarms(self, touch_cost: float) -> list[JunkAlarm]:
        """Return the current alarms, the costliest first.

        Parameters
        ----------
        touch_cost
            What one touch by sales costs.
        """
        current = (channel.alarm(touch_cost) for channel in self.channels.values())
        return sorted((alarm for alarm in current if alarm), key=lambda alarm: -alarm.at_risk)
