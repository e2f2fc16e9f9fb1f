"""Content of the report before it is rendered: numbers with units, and sentences that are translated later.

`reporting.views` makes a `ReportPage`; `reporting.page` renders it in the language of the reader. Nothing is formatted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from reporting.page.record_rows import AttributionRow, TrackRecordRow


class Unit(StrEnum):
    """Unit of a number."""

    COUNT = "count"
    MONEY = "money"
    SHARE = "share"  # 0 to 1, shown in percent
    CHANGE = "change"  # difference as a share, shown in percent with its sign
    RATIO = "ratio"
    DAYS = "days"
    MINUTES = "minutes"
    SECONDS = "seconds"


@dataclass(frozen=True)
class Quantity:
    """A number with its unit; `currency` only with money.

    Examples
    --------
    >>> Quantity(0.31, Unit.SHARE)
    Quantity(value=0.31, unit=<Unit.SHARE: 'share'>, currency=None)
    """

    value: float
    unit: Unit = Unit.COUNT
    currency: str | None = None


@dataclass(frozen=True)
class Message:
    """A sentence that is translated when it is rendered.

    Attributes
    ----------
    text
        English text, which is the key of the translation, with named fields in braces.
    values
        Content of the fields. A text is shown as it is (the name of a campaign).

    Examples
    --------
    >>> Message("better than {channel}", {"channel": "Paid Social"}).text
    'better than {channel}'
    """

    text: str
    values: Mapping[str, Quantity | Message | str | date | datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class GoalProgress:
    """Goal of a figure for a whole period, and its owner, who answers for it.

    Attributes
    ----------
    expected_now
        Value that a straight line through the period asks for today.
    probability
        Probability to reach it; None where it is not known.
    """

    target: Quantity
    expected_now: float
    probability: float | None
    owner: str
    period: str


@dataclass(frozen=True)
class Figure:
    """One metric for one scope: what the budget of figures counts.

    Attributes
    ----------
    metric
        Name in the registry of metrics.
    quantity
        None where the figure is withheld; `note` says why.
    low, high
        80 % interval, in the unit of the figure.
    change
        Against the period of comparison, as a share of it.
    note
        Mark that belongs to it: withheld, stale, sampled, bound.
    href, note_href
        Address of the leads or rows behind it and its note, relative to the page; None without the right to see them.
    unit, currency
        Of the interval where the figure is withheld and only its range is shown.
    """

    metric: str
    title: Message
    quantity: Quantity | None
    low: float | None = None
    high: float | None = None
    goal: GoalProgress | None = None
    change: float | None = None
    note: Message | None = None
    note_href: str | None = None
    href: str | None = None
    unit: Unit | None = None
    currency: str | None = None

    def bounds(self) -> tuple[Quantity, Quantity] | None:
        """Return the interval with its unit, where there is one."""
        unit, currency = (self.quantity.unit, self.quantity.currency) if self.quantity else (self.unit, self.currency)
        if self.low is None or self.high is None or unit is None:
            return None
        return Quantity(self.low, unit, currency), Quantity(self.high, unit, currency)


@dataclass(frozen=True)
class SourceAge:
    """Age of the data of a source; `stale` where it is older than twice its rhythm."""

    source: str
    at: date | datetime
    stale: bool
    age_days: int
    zone: str | None = None  # where it differs from that of the page


class Level(StrEnum):
    """Urgency of a notice."""

    INFO = "info"
    WARNING = "warning"
    ALARM = "alarm"


@dataclass(frozen=True)
class Alarm:
    """What needs attention now.

    Attributes
    ----------
    kind
        junk, cheap (cost per lead and return disagree), divergence, readiness.
    headline, detail
        What happened, and what is behind it.
    figure
        Its money, where there is any.
    """

    kind: str
    level: Level
    headline: Message
    detail: Message
    figure: Figure | None
    href: str | None


@dataclass(frozen=True)
class Notice:
    """A state of the page or of one of its blocks: what is missing, and the command that adds it."""

    level: Level
    message: Message
    command: str | None = None


@dataclass(frozen=True)
class Card:
    """Figure of the block of money, with at most three lines of what belongs to it.

    Attributes
    ----------
    seen, predicted
        Parts of the figure, shown apart instead of their sum; None where it is not a sum of the two.
    """

    figure: Figure
    lines: tuple[Message, ...] = ()
    seen: Quantity | None = None
    predicted: Quantity | None = None


@dataclass(frozen=True)
class ChannelRow:
    """A channel or a campaign.

    Attributes
    ----------
    name
        Comes from links of visitors; a message for rows of our own, such as all others.
    figure
        Return per unit of money; genuine cost per lead or value per lead where that is not possible.
    seen, predicted, unknown
        Parts of the bar, in the unit of the figure, and the number of leads without a prediction.
    verdict, junk
        In words: better than another channel, or not distinguishable yet; share of junk, None where it is usual.
    warning
        Whether the leads are cheap and the return is poor.
    columns
        Metric -> value, of all columns of the table; None where it is withheld.
    href
        Address of the page with this channel or campaign as filter.
    """

    name: str | Message
    figure: Figure
    seen: float
    predicted: float
    unknown: int
    verdict: Message | None
    warning: bool = False
    columns: Mapping[str, Quantity | None] = field(default_factory=dict)
    href: str | None = None
    junk: Message | None = None


@dataclass(frozen=True)
class ChannelBlock:
    """Channels, or campaigns, by what a unit of money returns."""

    rows: tuple[ChannelRow, ...]
    campaigns: tuple[ChannelRow, ...] = ()
    column_titles: Mapping[str, Message] = field(default_factory=dict)
    match_rate_spend: float | None = None
    match_rate_leads: float | None = None
    notices: tuple[Notice, ...] = ()
    campaign_columns: bool | str = False  # whether they are there, or the address of the page with them


@dataclass(frozen=True)
class LadderRow:
    """A row of leading and lagging indicators.

    Attributes
    ----------
    kind
        leading, lagging, both or goal.
    points
        Values of the last weeks, oldest first; None where there is none.
    partial
        Whether the last point is a week that has not ended.
    """

    figure: Figure
    kind: str
    points: tuple[float | None, ...]
    partial: bool
    owner: str | None


@dataclass(frozen=True)
class CohortBar:
    """Leads of one month or week: revenue that is seen and predicted, and leads of which nothing is predicted."""

    start: date
    seen: float
    predicted: float
    low: float
    high: float
    unknown: int
    partial: bool


@dataclass(frozen=True)
class CohortBlock:
    """Revenue of the leads by the time of submit."""

    figure: Figure
    bars: tuple[CohortBar, ...]
    currency: str
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class HandOverBlock:
    """How sales answers: figures, and the leads that wait, by value."""

    figures: tuple[Figure, ...]
    lines: tuple[Message, ...]
    velocities: tuple[Figure, ...] = ()
    untouched_href: str | None = None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class ChangePart:
    """Part of a change of revenue: volume, rate, value or mix, of one channel or of all."""

    name: Message
    amount: float


@dataclass(frozen=True)
class RevenueChangeBlock:
    """Why revenue changed: the parts add up to the change exactly."""

    before: float
    after: float
    parts: tuple[ChangePart, ...]
    by_channel: tuple[tuple[str, tuple[ChangePart, ...]], ...]
    currency: str
    note: Message | None = None


@dataclass(frozen=True)
class FunnelStep:
    """Step of the backward funnel: what the goal needs, and what there is."""

    name: Message
    needed: Quantity
    present: Quantity | None
    behind: bool


@dataclass(frozen=True)
class GoalsBlock:
    """Goals with their progress, and the funnel backwards from revenue to spend."""

    goals: tuple[Figure, ...]
    funnel: tuple[FunnelStep, ...]
    target: Figure | None


@dataclass(frozen=True)
class FormulaText:
    """Formula and sources of a metric; without a period it is that of the page."""

    metric: str
    title: Message
    kind: str
    formula: Message
    period: Message | None
    sources: tuple[str, ...]


@dataclass(frozen=True)
class FilterChoice:
    """A filter of the page: its values, and the selected one."""

    name: str
    title: Message
    selected: str
    choices: tuple[tuple[str, Message | str], ...]


@dataclass(frozen=True)
class ReportPage:
    """The report before it is rendered.

    Attributes
    ----------
    first_day, last_day
        Period, in days of `zone`.
    compared
        First and last day that the changes are against; None without a comparison.
    snapshot
        Id of the refresh whose data all blocks show.
    money
        Whether the reader may see money; without it no amount is in the model at all.
    query
        Filters in the form of a query string without its question mark, shortest form.
    """

    title: Message
    first_day: date
    last_day: date
    zone: str
    currency: str
    language: str
    snapshot: str
    data_at: datetime
    money: bool
    query: str
    filters: tuple[FilterChoice, ...]
    sources: tuple[SourceAge, ...]
    notices: tuple[Notice, ...]
    alarms: tuple[Alarm, ...]
    cards: tuple[Card, ...]
    channels: ChannelBlock
    ladder: tuple[LadderRow, ...]
    cohorts: CohortBlock | None
    hand_over: HandOverBlock | None
    revenue_change: RevenueChangeBlock | None
    goals: GoalsBlock | None
    track_record: tuple[TrackRecordRow, ...]
    attribution: tuple[AttributionRow, ...]
    reconciliation: tuple[Message, ...]
    formulas: tuple[FormulaText, ...]
    is_shared: bool = False
    compared: tuple[date, date] | None = None
