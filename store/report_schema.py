"""Tables of the report: imported spend and traffic, facts about leads, rollups, snapshots, share links.

Everything that is added up is an integer, so that parts add up to the whole exactly and the same in every database:
money in millionths of a unit of the currency (`_micros`), probabilities in millionths (`_ppm`). Days are ISO 8601
dates as text. Columns of keys are never null; an empty text means that a source does not say.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ColumnElement, Double, Index, Integer, String, Table, Text

from store.schema_base import MOMENT, metadata

DAY = String(10)
CURRENCY = String(3)


def _count(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default="0")


def _lead_sums() -> list[Column[int]]:
    """Return the columns of a rollup of `lead_facts` by the day of submit."""
    names = (
        "leads",  # all
        "scored",  # of them with a junk probability
        "genuine_ppm",  # sum of 1 - junk probability, over scored
        "junk",  # scored with a junk probability of at least a half
        "mql",
        "sql",
        "quoted",
        "won",
        "lost",
        "revenue_micros",  # of the won
        "revenue_squares",  # sum of squared revenue, in units of the currency
        "cost_micros",  # of goods sold to the won
        "open_scored",  # open leads with a predicted value
        "open_win_ppm",  # sum of their win probabilities, given their age
        "open_win_squares_ppm",  # sum of p (1 - p), the variance of their wins
        "open_value_micros",  # sum of their predicted values, as shares of their decision units
        "submit_win_ppm",  # sum of win probabilities as predicted at submit, over leads that have one
        "submit_value_micros",  # sum of predicted values as predicted at submit, over the same leads
        "submit_won",  # won of the same leads
        "submit_revenue_micros",  # revenue of the same leads
        "deal_sqls",  # open deals that are SQL and have no quote
        "deal_sql_micros",  # their expected revenue if they are won
        "deal_quotes",  # open deals with a quote
        "deal_quote_micros",
    )
    return [_count(name) for name in names]


SPEND_SUMS = (
    "converted_micros",
    "unconverted",  # rows without a rate
    "rows",
    "impressions",
    "clicks",
    "invalid_clicks",
    "searched_impressions",  # of rows with an impression share
    "bounds",  # rows whose impression share is a bound
)
"""Sums of `spend_days`; a rollup has them as columns with `spend_` before their names."""


def _funnel_sums() -> list[Column[int]]:
    """Return the columns of a rollup of leads, of outcomes by their own day, of spend and of sessions together."""
    outcomes = ("mql", "sql", "quoted", "won", "lost", "revenue_micros", "cost_micros")
    traffic = ("sessions", "engaged_sessions", "views", "session_seconds", "key_events")
    further = (*(f"event_{name}" for name in outcomes), *(f"spend_{name}" for name in SPEND_SUMS), *traffic)
    return [*_lead_sums(), *(_count(name) for name in further)]


# Imported files and answers of interfaces.
data_imports = Table(
    "data_imports",
    metadata,
    Column("import_id", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),  # spend, traffic, metrics, queries, touches
    Column("platform", String(32), nullable=False),
    Column("account_id", Text, nullable=False),
    Column("origin", Text, nullable=False),  # "file NAME" or "interface"
    Column("first_day", DAY, nullable=False),
    Column("last_day", DAY, nullable=False),
    Column("zone", Text, nullable=False),
    Column("rows_read", Integer, nullable=False),
    Column("rows_set_aside", Integer, nullable=False),
    Column("total_micros", BigInteger),
    Column("source_total_micros", BigInteger),  # as the file's own total row says
    Column("currency", CURRENCY),
    Column("quality", Text, nullable=False),
    Column("imported_at", MOMENT, nullable=False),
    Index("data_imports_of", "kind", "platform", "account_id", "imported_at"),
)

spend_days = Table(
    "spend_days",
    metadata,
    Column("platform", String(32), primary_key=True),
    Column("account_id", Text, primary_key=True),
    Column("campaign_id", Text, primary_key=True),  # "name:..." where the source has no id
    Column("network", String(64), primary_key=True),
    Column("country", String(2), primary_key=True),
    Column("day", DAY, primary_key=True),  # of the account's zone
    Column("campaign_name", Text, nullable=False),
    Column("campaign_key", Text, nullable=False),
    Column("channel", String(64), nullable=False),
    Column("currency", CURRENCY, nullable=False),
    Column("cost_micros", BigInteger, nullable=False),  # in `currency`; a credit is negative
    Column("converted_micros", BigInteger),  # in the currency of the settings; null without a rate
    Column("impressions", BigInteger),
    Column("clicks", BigInteger),
    Column("invalid_clicks", BigInteger),
    Column("eligible_impressions", Double),  # impressions / impression share
    Column("eligible_is_bound", Boolean, nullable=False, server_default="0"),
    Column("import_id", String(32), nullable=False),
    Index("spend_days_by_day", "day", "channel", "campaign_key"),
    Index("spend_days_of_key", "campaign_key", "day"),
)

traffic_days = Table(
    "traffic_days",
    metadata,
    Column("property_id", Text, primary_key=True),
    Column("day", DAY, primary_key=True),  # of the property's zone
    Column("source", Text, primary_key=True),
    Column("medium", Text, primary_key=True),
    Column("campaign_id", Text, primary_key=True),
    Column("campaign_name", Text, primary_key=True),
    Column("country", String(2), primary_key=True),
    Column("channel", String(64), nullable=False),
    Column("campaign_key", Text, nullable=False),
    _count("sessions"),
    _count("engaged_sessions"),
    Column("users", BigInteger),  # do not add up over days
    Column("views", BigInteger),
    Column("session_seconds", BigInteger),
    Column("key_events", BigInteger),
    Column("quality", Text, nullable=False),
    Column("import_id", String(32), nullable=False),
    Index("traffic_days_by_day", "day", "channel", "campaign_key"),
)

traffic_weeks = Table(
    "traffic_weeks",
    metadata,
    Column("week", DAY, primary_key=True),  # its Monday
    Column("channel", String(64), primary_key=True),
    Column("campaign_key", Text, primary_key=True),
    Column("country", String(2), primary_key=True),
    _count("sessions"),
    _count("engaged_sessions"),
    _count("views"),
    _count("session_seconds"),
    _count("key_events"),
)

# Imported counts that no other table has: e-mail, webinars, events, downloads, social engagement, sign-ups, log-ins.
metric_days = Table(
    "metric_days",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("account_id", Text, primary_key=True),
    Column("day", DAY, primary_key=True),
    Column("campaign_key", Text, primary_key=True),
    Column("channel", String(64), nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("import_id", String(32), nullable=False),
    Index("metric_days_by_day", "name", "day"),
)

# Search queries: clicks that cost nothing, and what clicks of the same query cost as ads.
query_days = Table(
    "query_days",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("kind", String(8), primary_key=True),  # organic, paid
    Column("day", DAY, primary_key=True),
    Column("query", Text, primary_key=True),
    Column("country", String(2), primary_key=True),
    _count("clicks"),
    _count("impressions"),
    Column("cost_micros", BigInteger),
    Column("converted_micros", BigInteger),
    Column("currency", CURRENCY),
    Column("import_id", String(32), nullable=False),
)

# Platform's campaign of a click id, from an interface that says so for 90 days only. The click id is a keyed digest.
click_campaigns = Table(
    "click_campaigns",
    metadata,
    Column("click", String(64), primary_key=True),
    Column("platform", String(32), nullable=False),
    Column("account_id", Text, nullable=False),
    Column("campaign_id", Text, nullable=False),
    Column("day", DAY, nullable=False),
)

# Contacts of a lead with marketing; rows are added, never updated.
touches = Table(
    "touches",
    metadata,
    Column("touch_id", String(32), primary_key=True),  # digest of the contents, so that a repeat changes nothing
    Column("lead_id", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
    Column("channel", String(64), nullable=False),
    Column("campaign_key", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("medium", Text, nullable=False),
    Column("kind", String(16), nullable=False),  # visit, form, email_click, webinar, event, call
    Column("origin", String(32), nullable=False),
    Index("touches_of_lead", "lead_id", "at"),
)


def _partial(name: str, *columns: str, where: ColumnElement[bool]) -> Index:
    """Return an index of the rows that meet a condition."""
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


_UNTOUCHED = Column("mql_at").is_not(None) & Column("touched_at").is_(None)
_UNPRICED = Column("won_at").is_not(None) & Column("revenue_micros").is_(None)

lead_facts = Table(
    "lead_facts",
    metadata,
    Column("lead_id", Text, primary_key=True),
    Column("submitted_at", MOMENT, nullable=False),
    Column("day", DAY, nullable=False),  # of the report's zone
    Column("entry", String(16), nullable=False),  # form, api, import, crm
    Column("source", Text, nullable=False),
    Column("medium", Text, nullable=False),
    Column("channel", String(64), nullable=False),
    Column("campaign_key", Text, nullable=False),
    Column("campaign_name", Text, nullable=False),
    Column("country", String(2), nullable=False),
    Column("account_key", String(64), nullable=False),  # keyed digest; empty: alone
    Column("matched_by", String(16), nullable=False),  # click, id, name, alias, channel, or empty
    Column("junk_ppm", Integer),
    Column("win_ppm", Integer),  # now, given the age; null without a score
    Column("expected_revenue_micros", BigInteger),
    Column("submit_win_ppm", Integer),
    Column("submit_value_micros", BigInteger),
    Column("value_micros", BigInteger),  # predicted now, as a share of the decision unit; null unless open
    Column("mql_at", MOMENT),
    Column("sql_at", MOMENT),
    Column("quote_at", MOMENT),
    Column("won_at", MOMENT),
    Column("lost_at", MOMENT),
    Column("gone_at", MOMENT),  # since when the CRM or its export no longer has the lead
    Column("touched_at", MOMENT),  # first contact by a human of sales
    Column("stage", Text, nullable=False),
    Column("revenue_micros", BigInteger),
    Column("cost_micros", BigInteger),
    Column("model_version", String(64), nullable=False),
    Column("known_at", MOMENT, nullable=False),  # of the newest part
    Index("lead_facts_by_day", "day", "channel", "campaign_key"),
    Index("lead_facts_of_campaign", "channel", "campaign_key", "submitted_at"),
    Index("lead_facts_by_known", "known_at"),
    _partial(
        "lead_facts_won", "won_at", where=Column("won_at").is_not(None)
    ),  # so that it is no way to the leads that were not won
    _partial("lead_facts_untouched", "value_micros", where=_UNTOUCHED),
    _partial(
        "lead_facts_untouched_of_campaign", "channel", "campaign_key", "country", "value_micros", where=_UNTOUCHED
    ),
    _partial("lead_facts_untouched_by_time", "submitted_at", "value_micros", where=_UNTOUCHED),
    _partial("lead_facts_unpriced", "day", where=_UNPRICED),
)

# Leads by the day of submit (cohorts).
lead_days = Table(
    "lead_days",
    metadata,
    Column("day", DAY, primary_key=True),
    Column("channel", String(64), primary_key=True),
    Column("campaign_key", Text, primary_key=True),
    Column("country", String(2), primary_key=True),
    *_lead_sums(),
)

lead_months = Table(
    "lead_months",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("channel", String(64), primary_key=True),
    Column("campaign_key", Text, primary_key=True),
    Column("country", String(2), primary_key=True),
    *_lead_sums(),
)

# Events by the day on which they happened (calendar view).
outcome_days = Table(
    "outcome_days",
    metadata,
    Column("day", DAY, primary_key=True),
    Column("channel", String(64), primary_key=True),
    Column("campaign_key", Text, primary_key=True),
    Column("country", String(2), primary_key=True),
    _count("mql"),
    _count("sql"),
    _count("quoted"),
    _count("won"),
    _count("lost"),
    _count("revenue_micros"),
    _count("cost_micros"),
)

# Leads by the day of submit, outcomes, spend and sessions by their own, together in all countries: a page reads one row
# where the tables by country and source have many.
campaign_days = Table(
    "campaign_days",
    metadata,
    Column("day", DAY, primary_key=True),
    Column("channel", String(64), primary_key=True),
    Column("campaign_key", Text, primary_key=True),
    *_funnel_sums(),
    Index("campaign_days_of_campaign", "campaign_key", "day"),
)

campaign_months = Table(
    "campaign_months",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("channel", String(64), primary_key=True),
    Column("campaign_key", Text, primary_key=True),
    *_funnel_sums(),
    Index("campaign_months_of_campaign", "campaign_key", "month"),
)

channel_days = Table(
    "channel_days",
    metadata,
    Column("day", DAY, primary_key=True),
    Column("channel", String(64), primary_key=True),
    *_funnel_sums(),
)

channel_months = Table(
    "channel_months",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("channel", String(64), primary_key=True),
    *_funnel_sums(),
)

# Minutes from submit to the first contact, in bins of which ten double the time; open leads by their age.
response_bins = Table(
    "response_bins",
    metadata,
    Column("week", DAY, primary_key=True),
    Column("channel", String(64), primary_key=True),
    Column("hours", String(8), primary_key=True),  # clock, business
    Column("bin", Integer, primary_key=True),
    _count("touched"),
    _count("untouched"),
)

# Figures as they were shown on a day; rows are added, never updated.
figure_snapshots = Table(
    "figure_snapshots",
    metadata,
    Column("as_of", DAY, primary_key=True),
    Column("figure", String(64), primary_key=True),
    Column("scope", Text, primary_key=True),  # filters in the form of a query string; empty: all
    Column("value", Double),
    Column("low", Double),
    Column("high", Double),
    Column("formula_version", Integer, nullable=False),
    Column("currency", CURRENCY, nullable=False, server_default=""),  # of money; empty: that of the settings
)

report_refreshes = Table(
    "report_refreshes",
    metadata,
    Column("refresh_id", String(32), primary_key=True),
    Column("first_day", DAY, nullable=False),
    Column("started_at", MOMENT, nullable=False),
    Column("ended_at", MOMENT, nullable=False),
    Column("facts", Integer, nullable=False),
    Column("rows_written", Integer, nullable=False),
    Column("currency", CURRENCY, nullable=False, server_default=""),  # of all facts and sums; empty: of the settings
    Column("files_at", MOMENT),  # when the oldest of the files of leads and outcomes was written
)

share_links = Table(
    "share_links",
    metadata,
    Column("link_id", String(32), primary_key=True),
    Column("created_by", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("money", Boolean, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("expires_at", MOMENT, nullable=False),
    Column("revoked_at", MOMENT),
)
