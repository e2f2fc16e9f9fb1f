"""Arrival of leads: time, channel and campaign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from simulation.parameters import Channel, Parameters
from simulation.rng import Flags, Floats, Ints, codes, stream

DAY_SECONDS = 86_400
DAYS_PER_MONTH = 30.4375
LATE_CAMPAIGN_SHARE = 0.15


@dataclass(frozen=True)
class Calendar:
    """The days of the simulation; the export is at the end of the last one, or `new_days` before that."""

    end: datetime  # the export
    days: int
    new_days: int = 0

    @property
    def start(self) -> datetime:
        """Start of the first day."""
        return self.end - timedelta(days=self.days - self.new_days)

    @property
    def export_day(self) -> int:
        """Number of the day that begins with the export."""
        return self.days - self.new_days

    def last(self, days: int) -> slice:
        """Return the positions of the last days before the export and of all days after it."""
        return slice(max(self.export_day - days, 0), None)

    @property
    def start_seconds(self) -> int:
        """Start of the first day in seconds since 1970."""
        return int(self.start.timestamp())

    @property
    def end_seconds(self) -> int:
        """Time of the export in seconds since 1970."""
        return int(self.end.timestamp())

    def months(self) -> Ints:
        """Return the calendar month (0 to 11) of each day, shape (days,)."""
        return np.array([(self.start + timedelta(days=d)).month - 1 for d in range(self.days)])

    def passed(self, day: Ints) -> Floats:
        """Return the elapsed share of the period at each day."""
        return day / max(self.days - 1, 1)

    def weekdays(self) -> Ints:
        """Return the weekday (0 is Monday) of each day, shape (days,)."""
        return (np.arange(self.days) + self.start.weekday()) % 7


@dataclass(frozen=True)
class Arrivals:
    """Leads in order of submit, one entry per lead."""

    seconds: Ints  # since 1970
    day: Ints
    channel: Ints  # index in parameters.channels
    campaign: Ints  # index in the campaigns of the channel
    imported: Flags
    gathered: Ints  # event that brought it: ALONE, FLOOD, above it a booth at a fair, below ALONE a raid

    def __len__(self) -> int:
        """Return the number of leads."""
        return len(self.seconds)


def intensity(parameters: Parameters, calendar: Calendar) -> Floats:
    """Return the relative number of leads expected, shape (channels, days)."""
    days = calendar.days
    world = parameters.world
    passed = np.linspace(0, 1, days)
    common = (1 + (world.growth - 1) * passed) * np.array(world.seasons)[calendar.months()]
    if world.sessions_last_days:
        common[calendar.last(world.sessions_last_days)] *= world.leads_factor
    weekend = calendar.weekdays() >= 5
    rows = [_of_channel(channel, weekend, calendar) * common for channel in parameters.channels.values()]
    return np.array(rows)


def _of_channel(channel: Channel, weekend: Flags, calendar: Calendar) -> Floats:
    first, last = channel.share
    passed = np.linspace(0, 1, calendar.days)
    share = (first + (last - first) * passed) * np.where(weekend, channel.weekend, 1.0)
    if channel.flood_last_days:
        share[calendar.last(channel.flood_last_days)] *= channel.flood_growth
    if channel.imported_every_days:
        period = channel.imported_every_days
        on = np.arange(len(passed)) % period == period // 2
        share = np.where(on, period * share, 0.0)
    return share


def draw_arrivals(parameters: Parameters, calendar: Calendar, leads: int, seed: int) -> Arrivals:
    """Draw the submit times, channels and campaigns of `leads` leads, sorted by time."""
    rng = stream(seed, "arrivals")
    expected = intensity(parameters, calendar)
    cell = codes(rng, expected.ravel().tolist(), leads)
    channel, day = np.divmod(cell, calendar.days)
    second = codes(rng, parameters.world.hours, leads) * 3600 + rng.integers(0, 3600, leads)
    imports = np.array([c.imported_every_days > 0 for c in parameters.channels.values()])
    imported = imports[channel]
    second = np.where(imported, 9 * 3600 + 1800 + (day % 60), second)
    seconds = calendar.start_seconds + day * DAY_SECONDS + second
    seconds, day, channel, imported = _with_fair(parameters, calendar, seconds, day, channel, imported)
    seconds, day, channel, gathered = _gather(parameters, calendar, seconds, day, channel, imported, seed)
    order = np.lexsort((channel, seconds))
    channel = channel[order]
    day = day[order]
    campaign = _campaigns(parameters, calendar, rng, channel, day)
    return Arrivals(seconds[order], day, channel, campaign, imported[order], gathered[order])


ALONE = -1
FLOOD = 0
BOOTH_VISITORS = 25
RAID_LEADS = 6
_BOOTH_SECONDS = 3_600
_FLOOD_DAYS = 2


def _gather(
    parameters: Parameters, calendar: Calendar, seconds: Ints, day: Ints, channel: Ints, imported: Flags, seed: int
) -> tuple[Ints, Ints, Ints, Ints]:
    """Group some rows (not sorted yet) into events: visitors of booths, raids, and one flood of bots."""
    rng = stream(seed, "gathered")
    gathered = np.full(len(seconds), ALONE)
    own = ~imported & ~np.array([c.instant_form for c in parameters.channels.values()])[channel]
    kind = rng.random(len(seconds))
    names = list(parameters.channels)
    flood = own & (kind < parameters.world.burst_share) & ("organic" in names) & (calendar.days > 30)
    if flood.any():
        day = np.where(flood, int(0.55 * calendar.days) + rng.integers(0, _FLOOD_DAYS, len(day)), day)
        channel = np.where(flood, names.index("organic"), channel)
        gathered[flood] = FLOOD
    at_booth = own & (kind > 1.0 - parameters.humans["fair_stand"].share)
    raids = own & ~flood & ~at_booth & (kind > 0.5) & (kind < 0.5 + parameters.world.sabotage_share)
    booth, day = _events(rng, calendar, at_booth, day, BOOTH_VISITORS)
    raid, day = _events(rng, calendar, raids, day, RAID_LEADS)
    gathered = np.select([at_booth, raids], [1 + booth, ALONE - 1 - raid], gathered)
    start = calendar.start_seconds + day * DAY_SECONDS
    together = start + (9 + booth % 8) * 3600 + rng.integers(0, _BOOTH_SECONDS, len(seconds))
    within_a_day = start + rng.integers(0, DAY_SECONDS, len(seconds))
    seconds = np.select([at_booth, flood | raids], [together, within_a_day], seconds)
    return seconds, day, channel, gathered


def _events(rng: np.random.Generator, calendar: Calendar, rows: Flags, day: Ints, size: int) -> tuple[Ints, Ints]:
    """Distribute rows over events of some size; return the event of each row, and the days."""
    count = max(int(rows.sum()) // size, 1)
    event = rng.integers(0, count, len(day))
    return event, np.where(rows, rng.integers(0, calendar.days, count)[event], day)


def _with_fair(
    parameters: Parameters, calendar: Calendar, seconds: Ints, day: Ints, channel: Ints, imported: Flags
) -> tuple[Ints, Ints, Ints, Flags]:
    """Turn the first rows (not sorted yet) into one import of a fair."""
    fair = parameters.fair_import
    if fair is None:
        return seconds, day, channel, imported
    rows = min(fair.rows, len(seconds))
    on = max(calendar.export_day - fair.days_before_end, 0)
    day[:rows] = on
    imported[:rows] = True
    channel[:rows] = list(parameters.channels).index("fair")
    seconds[:rows] = calendar.start_seconds + on * DAY_SECONDS + 10 * 3600
    return seconds, day, channel, imported


def campaigns_of(name: str, channel: Channel) -> list[str]:
    """Return the campaigns of a channel; the last one of a bought channel starts late."""
    return [*channel.campaigns, *([f"{name}_autumn"] if _starts_late(channel) else [])]


def campaign_shares(channel: Channel, late: Flags, passed: Floats, bidding: float) -> Floats:
    """Return the share of each campaign in its channel, shape (campaigns, days or leads).

    Bidding on form counts moves money to the campaigns with cheap leads, which are those of bots.
    """
    usual = np.array(list(channel.campaigns.values()))
    bots = np.array([channel.bot_campaigns.get(name, 0.0) for name in channel.campaigns])
    shares = usual[:, None] * np.exp(bidding * np.outer(bots, passed))
    shares = shares / shares.sum(axis=0)
    if _starts_late(channel):
        new = np.where(late, LATE_CAMPAIGN_SHARE, 0.0)
        shares = np.vstack([shares * (1 - new), new])
    return shares


def is_late(parameters: Parameters, calendar: Calendar, day: Ints) -> Flags:
    """Return which days are at the end, when new categories appear."""
    return np.asarray(day >= calendar.export_day * (1 - parameters.mess.late_category))


def _starts_late(channel: Channel) -> bool:
    return channel.click_cost > 0 and not channel.imported_every_days


def _campaigns(parameters: Parameters, calendar: Calendar, rng: np.random.Generator, channel: Ints, day: Ints) -> Ints:
    uniform = rng.random(len(channel))
    campaign = np.zeros(len(channel), dtype=np.int64)
    for code, kind in enumerate(parameters.channels.values()):
        here = channel == code
        late = is_late(parameters, calendar, day[here])
        passed = calendar.passed(day[here])
        steps = np.cumsum(campaign_shares(kind, late, passed, parameters.world.bidding), axis=0)
        campaign[here] = (uniform[here] >= steps[:-1]).sum(axis=0)
    return campaign
