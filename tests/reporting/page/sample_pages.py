"""Pages for tests: a full one as in the specification, and one for each state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from reporting.page.page_model import (
    Alarm,
    Card,
    ChangePart,
    ChannelBlock,
    ChannelRow,
    CohortBar,
    CohortBlock,
    Figure,
    FilterChoice,
    FormulaText,
    FunnelStep,
    GoalProgress,
    GoalsBlock,
    HandOverBlock,
    LadderRow,
    Level,
    Message,
    Notice,
    Quantity,
    ReportPage,
    RevenueChangeBlock,
    SourceAge,
    Unit,
)
from reporting.page.record_rows import AttributionRow, TrackRecordRow

HOSTILE = "<script>alert(1)</script>\"'&\u202egnp.exe\u2066 " + "spring-sale-" * 30
"""Name of a campaign as an attacker would send it: markup, marks of direction, over 300 characters."""


def count(value: float) -> Quantity:
    return Quantity(value)


def money(value: float, currency: str = "EUR") -> Quantity:
    return Quantity(value, Unit.MONEY, currency)


def share(value: float) -> Quantity:
    return Quantity(value, Unit.SHARE)


def ratio(value: float) -> Quantity:
    return Quantity(value, Unit.RATIO)


def figure(metric: str, title: str, quantity: Quantity | None, **rest: Any) -> Figure:
    return Figure(metric, Message(title), quantity, href=f"report/leads?figure={metric}", **rest)


def goal(target: Quantity, expected: float, probability: float | None, owner: str) -> GoalProgress:
    return GoalProgress(target, expected, probability, owner, "2026-Q4")


def _alarms() -> tuple[Alarm, ...]:
    return (
        Alarm(
            "junk",
            Level.ALARM,
            Message("Junk has risen: {channel}, {campaign}", {"channel": "Display", "campaign": "smart-eu"}),
            Message(
                "{share} of {count} leads since {day}, before {before}",
                {"share": share(0.41), "count": count(372), "day": date(2026, 11, 19), "before": share(0.05)},
            ),
            figure("money_at_risk", "at risk", money(18_400)),
            "report/leads?channel=Display&junk=1",
        ),
        Alarm(
            "cheap",
            Level.WARNING,
            Message("Cheap leads, poor return: {channel}", {"channel": "Paid Social"}),
            Message(
                "a genuine lead costs {cost}, in {other} {other_cost}; each {unit} of spend returns {value}, "
                "in {other} {other_value}: cut here first",
                {
                    "cost": money(31),
                    "other_cost": money(94),
                    "other": "Paid Search",
                    "unit": money(1),
                    "value": ratio(0.6),
                    "other_value": ratio(3.1),
                },
            ),
            figure(
                "moved_wrongly",
                "of revenue missed, because a larger share of spend went there than in the comparison period",
                money(24_000),
            ),
            "?channel=Paid+Social",
        ),
    )


_UNPRICED = Message("without {count} {count|win|wins} whose amount is not known", {"count": count(3)})


def _cards() -> tuple[Card, ...]:
    return (
        Card(
            figure(
                "return_on_marketing",
                "Return on marketing",
                ratio(2.4),
                low=2.0,
                high=2.9,
                goal=goal(ratio(3.0), 2.7, None, "Ana"),
            )
        ),
        Card(
            figure(
                "revenue",
                "Revenue",
                money(621_000),
                goal=goal(money(600_000), 380_000, 0.58, "Ana"),
                note=_UNPRICED,
                note_href="report/leads?figure=wins_without_amount",
            ),
            seen=money(431_000),
            predicted=money(190_000),
        ),
        Card(
            figure("genuine_cpl", "Genuine cost per lead", money(51.37), change=-0.08),
            (Message("raw {cost}, {share} junk", {"cost": money(30), "share": share(0.15)}),),
        ),
        Card(
            figure("value_per_lead", "Value per lead", money(412)),
            (
                Message(
                    "mature leads {mature}, open leads {open} predicted", {"mature": money(388), "open": money(431)}
                ),
            ),
        ),
    )


COLUMNS: Mapping[str, Message] = {
    "spend": Message("Spend"),
    "leads": Message("Leads"),
    "genuine_leads": Message("Genuine leads"),
    "raw_cpl": Message("Cost per lead"),
    "genuine_cpl": Message("Genuine cost per lead"),
    "mql": Message("MQL"),
    "sql": Message("SQL"),
    "wins": Message("Wins"),
    "revenue": Message("Revenue seen"),
    "predicted": Message("Revenue predicted"),
}


def channel(
    name: str | Message,
    seen: float,
    predicted: float,
    low: float,
    high: float,
    *,
    spend: float,
    leads: int,
    verdict: Message | None = None,
    warning: bool = False,
    unknown: int = 0,
) -> ChannelRow:
    total = seen + predicted
    genuine = round(leads * 0.86, 1)
    return ChannelRow(
        name,
        figure("return_on_marketing", "Return per euro of spend", ratio(total), low=low, high=high),
        seen,
        predicted,
        unknown,
        verdict,
        warning,
        {
            "spend": money(spend),
            "leads": count(leads),
            "genuine_leads": count(genuine),
            "raw_cpl": money(spend / leads),
            "genuine_cpl": money(spend / genuine),
            "mql": count(leads // 4),
            "sql": count(leads // 6),
            "wins": count(leads // 40),
            "revenue": money(spend * seen),
            "predicted": money(spend * predicted),
        },
        "?channel=" + (name if isinstance(name, str) else "other").replace(" ", "+"),
    )


def _channels() -> ChannelBlock:
    open_verdict = "not distinguishable yet; about {count} more leads"
    better = Message("better than {channel} ({probability})", {"channel": "Paid Social", "probability": share(0.97)})
    rows = (
        channel("Paid Search", 1.7, 1.4, 2.5, 3.8, spend=78_000, leads=830, verdict=better),
        channel(
            "Offline", 1.5, 1.3, 1.6, 4.1, spend=31_000, leads=140, verdict=Message(open_verdict, {"count": count(80)})
        ),
        channel(
            "Paid Video",
            1.1,
            0.5,
            0.9,
            2.4,
            spend=14_200,
            leads=96,
            verdict=Message(open_verdict, {"count": count(310)}),
        ),
        channel(
            "Display",
            0.5,
            0.6,
            0.5,
            1.7,
            spend=22_900,
            leads=402,
            verdict=Message(open_verdict, {"count": count(520)}),
            unknown=12,
        ),
        channel("Paid Social", 0.1, 0.5, 0.3, 0.9, spend=41_000, leads=1_320, warning=True),
        channel(Message("All others"), 1.9, 0.4, 1.2, 3.6, spend=12_300, leads=210, unknown=7),
    )
    campaigns = tuple(
        channel(name, seen, predicted, low, high, spend=spend, leads=leads, verdict=None)
        for name, seen, predicted, low, high, spend, leads in (
            ("brand-eu", 2.4, 1.9, 3.1, 5.6, 21_000, 310),
            ("generic-it", 1.2, 1.1, 1.6, 3.2, 44_000, 402),
            ("lookalike-3", 0.1, 0.4, 0.2, 0.9, 33_000, 1_104),
            ("(unmatched)", 0.8, 0.3, 0.7, 1.6, 9_000, 88),
        )
    )
    return ChannelBlock(rows, campaigns, COLUMNS, 0.96, 0.93)


def weeks(start: float, growth: float) -> tuple[float, ...]:
    return tuple(round(start * (1 + growth * week + 0.06 * (week % 3 - 1)), 4) for week in range(12))


def _ladder() -> tuple[LadderRow, ...]:
    def row(entry: Figure, kind: str, points: tuple[float | None, ...], owner: str | None = None) -> LadderRow:
        return LadderRow(entry, kind, points, True, owner)

    return (
        row(
            figure("impressions", "Impressions", count(4_120_000), change=0.12), "leading", weeks(310_000, 0.02), "Ana"
        ),
        row(figure("sessions", "Sessions", count(61_200), change=0.04), "leading", weeks(4_900, 0.01), "Ana"),
        row(
            figure(
                "genuine_leads",
                "Genuine leads",
                count(2_576),
                change=-0.03,
                goal=goal(count(3_000), 2_300, 0.44, "Ana"),
            ),
            "leading",
            weeks(220, -0.01),
            "Ana",
        ),
        row(
            figure(
                "mql_to_sql",
                "MQL to SQL",
                share(0.71),
                low=0.63,
                high=0.78,
                change=-0.02,
                goal=goal(share(0.8), 0.8, 0.09, "Ivo"),
            ),
            "leading",
            weeks(0.7, 0.002),
            "Ivo",
        ),
        row(
            figure("weighted_pipeline", "Weighted pipeline", money(1_230_000), change=0.06),
            "both",
            weeks(98_000, 0.02),
            "Ivo",
        ),
        row(
            figure(
                "revenue", "Revenue", money(431_000), change=0.0775, goal=goal(money(600_000), 380_000, 0.58, "Eva")
            ),
            "lagging",
            (*weeks(33_000, 0.01)[:4], None, *weeks(33_000, 0.01)[5:]),
            "Eva",
        ),
        row(figure("cac", "Cost per customer", money(2_500), change=0.05), "lagging", weeks(2_400, 0.004), "Eva"),
        row(
            figure("ltv_cac", "LTV:CAC", ratio(8.0), goal=goal(ratio(3.0), 3.0, 0.99, "Eva")),
            "lagging",
            weeks(7.8, 0.001),
            "Eva",
        ),
    )


def _cohorts() -> CohortBlock:
    bars = tuple(
        CohortBar(date(2026, month, 1), seen, predicted, low, high, unknown, month == 11)
        for month, seen, predicted, low, high, unknown in (
            (6, 168_000, 4_000, 169_000, 178_000, 0),
            (7, 141_000, 12_000, 146_000, 164_000, 3),
            (8, 96_000, 31_000, 112_000, 149_000, 0),
            (9, 88_000, 74_000, 131_000, 201_000, 4),
            (10, 41_000, 121_000, 118_000, 214_000, 6),
            (11, 9_000, 118_000, 84_000, 181_000, 19),
        )
    )
    whole = figure("revenue", "Revenue by the month the leads came", money(621_000), note=_UNPRICED)
    return CohortBlock(whole, bars, "EUR")


def _hand_over() -> HandOverBlock:
    return HandOverBlock(
        (
            figure("response_median", "Median response", Quantity(190, Unit.MINUTES), change=0.22),
            figure("response_within_5", "Answered within 5 minutes", share(0.12)),
            figure("untouched_mql", "Value of MQLs that wait", money(61_200)),
        ),
        (
            Message("MQLs that no one has contacted: {count}", {"count": count(23)}),
            Message(
                "MQL to SQL {share} ({low} to {high}): below 80%",
                {"share": share(0.71), "low": share(0.63), "high": share(0.78)},
            ),
        ),
        (
            figure("velocity_mql_sql", "MQL to SQL", Quantity(8, Unit.DAYS), low=6, high=11),
            figure("velocity_sql_quote", "SQL to quote", Quantity(21, Unit.DAYS), low=17, high=26),
            figure("velocity_quote_close", "Quote to close", None, note=Message("not reached")),
        ),
        "report/leads?figure=untouched_mql&order=value",
    )


def _revenue_change() -> RevenueChangeBlock:
    def parts(volume: float, rate: float, value: float, mix: float) -> tuple[ChangePart, ...]:
        return (
            ChangePart(Message("volume"), volume),
            ChangePart(Message("rate"), rate),
            ChangePart(Message("value"), value),
            ChangePart(Message("mix"), mix),
        )

    return RevenueChangeBlock(
        400_000,
        431_000,
        parts(42_833.33, -23_666.67, 17_000.0, -5_166.66),
        (
            ("Paid Search", parts(12_833.33, 6_333.33, 12_000.0, 1_000.0)),
            ("Paid Social", parts(30_000.0, -30_000.0, 5_000.0, -6_166.66)),
        ),
        "EUR",
    )


def _goals() -> GoalsBlock:
    steps = (
        ("Revenue", money(600_000), money(431_000), False),
        ("Wins", count(50), count(36), False),
        ("SQL", count(200), count(121), True),
        ("MQL", count(250), count(231), False),
        ("Genuine leads", count(1_250), count(1_310), False),
        ("Visits", count(50_000), count(61_200), False),
        ("Spend", money(75_000), None, False),
    )
    return GoalsBlock(
        (
            figure("revenue", "Revenue", money(431_000), goal=goal(money(600_000), 380_000, 0.58, "Eva")),
            figure("genuine_leads", "Genuine leads", count(2_576), goal=goal(count(3_000), 2_600, 0.44, "Ana")),
        ),
        tuple(FunnelStep(Message(name), needed, present, behind) for name, needed, present, behind in steps),
        figure("target_revenue", "Target revenue of the next year", money(1_527_112.52)),
    )


def _filters() -> tuple[FilterChoice, ...]:
    everything = ("", Message("all"))
    return (
        FilterChoice(
            "period",
            Message("Period"),
            "last-90-days",
            (("last-90-days", Message("last 90 days")), ("2026-Q4", "2026-Q4"), ("2026-Q3", "2026-Q3")),
        ),
        FilterChoice(
            "compare",
            Message("Compare with"),
            "previous",
            (("previous", Message("the period before")), ("year", Message("the year before"))),
        ),
        FilterChoice(
            "channel", Message("Channel"), "", (everything, *((name, name) for name in ("Paid Search", "Display")))
        ),
        FilterChoice("campaign", Message("Campaign"), "", (everything, ("google:1:7", "brand-eu"))),
        FilterChoice("country", Message("Country"), "", (everything, ("IT", "IT"), ("DE", "DE"))),
        FilterChoice("model", Message("Attribution"), "w", (("w", Message("W-shaped")), ("linear", Message("linear")))),
    )


def full() -> ReportPage:
    """The page of the specification's wireframe."""
    return ReportPage(
        title=Message("What marketing earned"),
        first_day=date(2026, 9, 1),
        compared=(date(2026, 6, 3), date(2026, 8, 31)),
        last_day=date(2026, 11, 28),
        zone="Europe/Rome",
        currency="EUR",
        language="en",
        snapshot="2026-11-28T08:45Z",
        data_at=datetime(2026, 11, 28, 8, 45, tzinfo=UTC),
        money=True,
        query="country=IT&view=cohort",
        filters=_filters(),
        sources=(
            SourceAge("Leads", datetime(2026, 11, 28, 8, 40, tzinfo=UTC), False, 0),
            SourceAge("CRM", datetime(2026, 11, 28, 5, 0, tzinfo=UTC), False, 0),
            SourceAge("Google Ads", date(2026, 11, 27), False, 1, "America/New_York"),
            SourceAge("Meta", date(2026, 11, 24), True, 4),
        ),
        notices=(),
        alarms=_alarms(),
        cards=_cards(),
        channels=_channels(),
        ladder=_ladder(),
        cohorts=_cohorts(),
        hand_over=_hand_over(),
        revenue_change=_revenue_change(),
        goals=_goals(),
        track_record=tuple(
            TrackRecordRow(date(2026, month, 1), name, said, low, high, came, complete)
            for month, name, said, low, high, came, complete in (
                (3, "Paid Search", 91_000.0, 74_000.0, 109_000.0, 97_400.0, True),
                (3, "Paid Social", 14_000.0, 8_000.0, 22_000.0, 24_100.0, True),
                (6, "Paid Search", 104_000.0, 85_000.0, 127_000.0, 88_300.0, False),
            )
        ),
        attribution=tuple(
            AttributionRow(name, {"first": first, "last": last, "w": shaped})
            for name, first, last, shaped in (
                ("Paid Search", 180_000.01, 240_000.0, 210_000.0),
                ("Paid Social", 40_000.0, 11_000.01, 28_000.01),
                ("Email", 211_000.0, 180_000.0, 193_000.0),
            )
        ),
        reconciliation=(
            Message(
                "{platform}: {amount} in our days, {total} in the platform's total; {difference} not explained",
                {
                    "platform": "Google Ads",
                    "amount": money(78_214.11),
                    "total": money(78_301.4),
                    "difference": money(87.29),
                },
            ),
        ),
        formulas=(
            FormulaText(
                "genuine_cpl",
                Message("Genuine cost per lead"),
                "leading",
                Message("spend / sum of (1 - junk probability)"),
                Message("period of the page"),
                ("Google Ads", "Meta", "Leads"),
            ),
            FormulaText(
                "ltv_cac", Message("LTV:CAC"), "lagging", Message("CLV / CAC"), Message("period of the page"), ()
            ),
        ),
    )


def nothing_yet() -> ReportPage:
    """No data: what to import, and no zeros."""
    commands = (
        ("No leads yet: send forms to the service, or score a file.", "leadworth score leads.csv"),
        ("No spend yet: import the reports of the ad platforms.", "leadworth spend import FILE"),
        ("No outcomes yet: connect the deals of the CRM.", "leadworth crm pull"),
    )
    return replace(
        full(),
        sources=(),
        notices=tuple(Notice(Level.INFO, Message(text), command) for text, command in commands),
        alarms=(),
        cards=(),
        channels=ChannelBlock(()),
        ladder=(),
        cohorts=None,
        hand_over=None,
        revenue_change=None,
        goals=None,
        track_record=(),
        attribution=(),
        reconciliation=(),
        formulas=(),
    )


def _costs_only(row: ChannelRow) -> ChannelRow:
    cost = row.columns["genuine_cpl"]
    return replace(
        row,
        figure=figure("genuine_cpl", "Genuine cost per lead", cost),
        seen=cost.value if cost else 0.0,
        predicted=0.0,
        verdict=None,
        warning=False,
    )


def no_outcomes() -> ReportPage:
    """No CRM: genuine cost per lead, leading rows, and the alarm of junk."""
    page = full()
    return replace(
        page,
        notices=(
            Notice(Level.WARNING, Message("No outcomes yet: connect the deals of the CRM."), "leadworth crm pull"),
        ),
        alarms=page.alarms[:1],
        cards=page.cards[2:3],
        channels=replace(page.channels, rows=tuple(map(_costs_only, page.channels.rows)), campaigns=()),
        ladder=page.ladder[:3],
        cohorts=None,
        hand_over=None,
        revenue_change=None,
        goals=None,
        track_record=(),
        attribution=(),
    )


def no_spend() -> ReportPage:
    """No spend: return and cost per lead are withheld."""
    page = full()
    missing = Message("no spend for {channel} since {day}", {"channel": "Paid Social", "day": date(2026, 9, 3)})
    cards = tuple(
        replace(card, figure=replace(card.figure, quantity=None, low=None, high=None, note=missing))
        if card.figure.metric in {"return_on_marketing", "genuine_cpl"}
        else card
        for card in page.cards
    )
    rows = tuple(
        replace(row, figure=figure("value_per_lead", "Value per lead", money(100 * row.seen + 220)), warning=False)
        for row in page.channels.rows
    )
    return replace(page, cards=cards, channels=replace(page.channels, rows=rows, match_rate_spend=None), alarms=())


def thin() -> ReportPage:
    """Fewer than 10 wins in a cell: ranges instead of numbers."""
    page = full()
    few = Message("fewer than 10 wins; about {count} more leads", {"count": count(320)})
    cards = tuple(
        replace(
            card,
            figure=replace(
                card.figure, quantity=None, low=5_000, high=40_000, unit=Unit.MONEY, currency="EUR", note=few
            ),
        )
        if card.figure.metric == "revenue"
        else card
        for card in page.cards
    )
    rows = tuple(
        replace(
            row, figure=replace(row.figure, quantity=None, low=0.2, high=9.0, unit=Unit.RATIO, note=few), verdict=None
        )
        for row in page.channels.rows
    )
    return replace(page, cards=cards, channels=replace(page.channels, rows=rows))


def stale() -> ReportPage:
    """A source that is too old, named in the freshness line and on the figures that need it."""
    page = full()
    note = Message("{source} is {days} old", {"source": "Meta", "days": Quantity(4, Unit.DAYS)})
    return replace(
        page,
        notices=(
            Notice(
                Level.WARNING,
                Message(
                    "The period is cut at {day}: {source} has no newer data.",
                    {"day": date(2026, 11, 24), "source": "Meta"},
                ),
            ),
        ),
        cards=tuple(replace(card, figure=replace(card.figure, note=note)) for card in page.cards),
        ladder=tuple(replace(row, figure=replace(row.figure, note=note)) for row in page.ladder),
    )


def without_money() -> ReportPage:
    """For a reader without the scope `money`: counts and rates only."""
    page = full()

    def shown(entry: Figure) -> bool:
        return entry.quantity is None or entry.quantity.unit is not Unit.MONEY

    rows = tuple(
        replace(
            row,
            figure=figure("genuine_share", "Share of genuine leads", share(0.4 + row.seen / 5)),
            seen=0.4 + row.seen / 5,
            predicted=0.0,
            columns={key: value for key, value in row.columns.items() if value and value.unit is not Unit.MONEY},
        )
        for row in page.channels.rows
    )
    titles = {key: COLUMNS[key] for key in rows[0].columns}
    hand_over = _hand_over()
    return replace(
        page,
        money=False,
        alarms=(replace(page.alarms[0], figure=None),),
        cards=(Card(figure("junk_share", "Share of junk", share(0.15))), Card(figure("leads", "Leads", count(2_998)))),
        channels=ChannelBlock(rows, (), titles),
        ladder=tuple(
            row for row in page.ladder if shown(row.figure) and not (row.figure.goal and row.kind == "lagging")
        ),
        cohorts=None,
        hand_over=replace(hand_over, figures=tuple(filter(shown, hand_over.figures))),
        revenue_change=None,
        goals=None,
        track_record=(),
        attribution=(),
        reconciliation=(),
    )


def hostile() -> ReportPage:
    """Names that an attacker chose, everywhere that a name can be."""
    page = full()
    rows = tuple(
        replace(
            row,
            name=HOSTILE,
            verdict=Message("better than {channel} ({probability})", {"channel": HOSTILE, "probability": share(0.97)}),
        )
        for row in page.channels.rows
    )
    alarms = tuple(
        replace(alarm, headline=Message("Cheap leads, poor return: {channel}", {"channel": HOSTILE}))
        for alarm in page.alarms
    )
    choice = FilterChoice("campaign", Message("Campaign"), HOSTILE, ((HOSTILE, HOSTILE),))
    return replace(
        page,
        alarms=alarms,
        channels=replace(page.channels, rows=rows, campaigns=rows),
        ladder=tuple(replace(row, owner=HOSTILE) for row in page.ladder),
        filters=(*page.filters, choice),
        query="campaign=%22%3E%3Cscript%3E&x=%3Cb%3E",
        sources=(*page.sources, SourceAge(HOSTILE, datetime(2026, 11, 28, tzinfo=UTC) - timedelta(days=9), True, 9)),
        attribution=tuple(replace(row, channel=HOSTILE) for row in page.attribution),
    )


SAMPLES: Mapping[str, Callable[[], ReportPage]] = {
    sample.__name__: sample
    for sample in (full, nothing_yet, no_outcomes, no_spend, thin, stale, without_money, hostile)
}


def in_language(page: ReportPage, language: str) -> ReportPage:
    return replace(page, language=language)
