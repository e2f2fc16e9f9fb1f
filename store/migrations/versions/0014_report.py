"""Spend, traffic, facts about leads, rollups and snapshots of the report; where a lead came from in decisions."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

UNTOUCHED = "mql_at IS NOT NULL AND touched_at IS NULL"
DECISION_COLUMNS = (
    ("source", sa.Text()),
    ("medium", sa.Text()),
    ("campaign_id", sa.Text()),
    ("click_platform", sa.String(32)),
    ("click", sa.String(64)),
    ("country", sa.String(2)),
    ("entry", sa.String(16)),
    ("account_key", sa.String(64)),
    ("submitted_at", sa.String(32)),
)


KEYS: dict[str, sa.types.TypeEngine[Any]] = {
    "basis": sa.String(8),
    "day": sa.String(10),
    "month": sa.String(7),
    "channel": sa.String(64),
    "campaign_key": sa.Text(),
    "country": sa.String(2),
    "touched": sa.String(64),
    "stage": sa.String(16),
    "bin": sa.Integer(),
}
STAGE_COUNTS = "reached lost lost_by_age open"
CREDITS = "first_micros last_micros linear_micros u_micros w_micros decay_micros"
FUNNEL_SUMS = (
    "leads scored genuine_ppm junk mql sql quoted won lost revenue_micros revenue_squares cost_micros open_scored "
    "open_win_ppm open_win_squares_ppm open_value_micros submit_win_ppm submit_value_micros submit_won "
    "submit_revenue_micros deal_sqls deal_sql_micros deal_quotes deal_quote_micros event_mql event_sql event_quoted event_won event_lost event_revenue_micros event_cost_micros spend_converted_micros spend_unconverted "
    "spend_rows spend_impressions spend_clicks spend_invalid_clicks spend_searched_impressions spend_bounds sessions "
    "engaged_sessions views session_seconds key_events"
)
SUM_TABLES = (
    ("campaign_days", "day channel campaign_key", FUNNEL_SUMS),
    ("campaign_months", "month channel campaign_key", FUNNEL_SUMS),
    ("channel_days", "day channel", FUNNEL_SUMS),
    ("channel_months", "month channel", FUNNEL_SUMS),
    ("stage_days", "day channel stage bin", STAGE_COUNTS),
    ("stage_months", "month channel stage bin", STAGE_COUNTS),
    ("credit_days", "basis day channel campaign_key country touched", CREDITS),
    ("credit_months", "basis month channel touched", CREDITS),
)


def upgrade() -> None:
    """Create the tables; the channel of former decisions was the source as the link names it, and becomes that."""
    with op.batch_alter_table("decisions") as batch:
        for name, kind in DECISION_COLUMNS:
            batch.add_column(sa.Column(name, kind))
    op.execute("UPDATE decisions SET source = channel")
    _create_imports()
    _create_traffic()
    _create_facts()
    _create_lead_days()
    _create_lead_months()
    _create_sums()
    _create_pages()


def downgrade() -> None:
    """Drop the tables; the channel becomes the source again."""
    op.drop_table("share_links")
    op.drop_table("report_refreshes")
    op.drop_table("figure_snapshots")
    op.drop_table("response_bins")
    for name, _, _ in reversed(SUM_TABLES):
        op.drop_table(name)
    op.drop_table("outcome_days")
    op.drop_table("lead_months")
    op.drop_table("lead_days")
    op.drop_table("lead_facts")
    op.drop_table("touches")
    op.drop_table("click_campaigns")
    op.drop_table("query_days")
    op.drop_table("metric_days")
    op.drop_table("traffic_weeks")
    op.drop_table("traffic_days")
    op.drop_table("spend_days")
    op.drop_table("data_imports")
    op.execute("UPDATE decisions SET channel = source")
    with op.batch_alter_table("decisions") as batch:
        for name, _ in reversed(DECISION_COLUMNS):
            batch.drop_column(name)


def _create_imports() -> None:
    op.create_table(
        "data_imports",
        sa.Column("import_id", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("platform", sa.String(32), nullable=False),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("first_day", sa.String(10), nullable=False),
        sa.Column("last_day", sa.String(10), nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("rows_read", sa.Integer, nullable=False),
        sa.Column("rows_set_aside", sa.Integer, nullable=False),
        sa.Column("total_micros", sa.BigInteger),
        sa.Column("source_total_micros", sa.BigInteger),
        sa.Column("currency", sa.String(3)),
        sa.Column("quality", sa.Text, nullable=False),
        sa.Column("imported_at", sa.String(32), nullable=False),
    )
    op.create_index("data_imports_of", "data_imports", ["kind", "platform", "account_id", "imported_at"])
    op.create_table(
        "spend_days",
        sa.Column("platform", sa.String(32), primary_key=True),
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("campaign_id", sa.Text, primary_key=True),
        sa.Column("network", sa.String(64), primary_key=True),
        sa.Column("country", sa.String(2), primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("campaign_name", sa.Text, nullable=False),
        sa.Column("campaign_key", sa.Text, nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("cost_micros", sa.BigInteger, nullable=False),
        sa.Column("converted_micros", sa.BigInteger),
        sa.Column("impressions", sa.BigInteger),
        sa.Column("clicks", sa.BigInteger),
        sa.Column("invalid_clicks", sa.BigInteger),
        sa.Column("eligible_impressions", sa.Double),
        sa.Column("eligible_is_bound", sa.Boolean, nullable=False, server_default="0"),
        sa.Column("import_id", sa.String(32), nullable=False),
    )
    op.create_index("spend_days_by_day", "spend_days", ["day", "channel", "campaign_key"])
    op.create_index("spend_days_of_key", "spend_days", ["campaign_key", "day"])
    op.create_table(
        "click_campaigns",
        sa.Column("click", sa.String(64), primary_key=True),
        sa.Column("platform", sa.String(32), nullable=False),
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("campaign_id", sa.Text, nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
    )


def _create_traffic() -> None:
    op.create_table(
        "traffic_days",
        sa.Column("property_id", sa.Text, primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("medium", sa.Text, primary_key=True),
        sa.Column("campaign_id", sa.Text, primary_key=True),
        sa.Column("campaign_name", sa.Text, primary_key=True),
        sa.Column("country", sa.String(2), primary_key=True),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("campaign_key", sa.Text, nullable=False),
        sa.Column("sessions", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("engaged_sessions", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("users", sa.BigInteger),
        sa.Column("views", sa.BigInteger),
        sa.Column("session_seconds", sa.BigInteger),
        sa.Column("key_events", sa.BigInteger),
        sa.Column("quality", sa.Text, nullable=False),
        sa.Column("import_id", sa.String(32), nullable=False),
    )
    op.create_index("traffic_days_by_day", "traffic_days", ["day", "channel", "campaign_key"])
    op.create_table(
        "traffic_weeks",
        sa.Column("week", sa.String(10), primary_key=True),
        sa.Column("channel", sa.String(64), primary_key=True),
        sa.Column("campaign_key", sa.Text, primary_key=True),
        sa.Column("country", sa.String(2), primary_key=True),
        sa.Column("sessions", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("engaged_sessions", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("views", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("session_seconds", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("key_events", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.create_table(
        "metric_days",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("campaign_key", sa.Text, primary_key=True),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("import_id", sa.String(32), nullable=False),
    )
    op.create_index("metric_days_by_day", "metric_days", ["name", "day"])
    op.create_table(
        "query_days",
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("query", sa.Text, primary_key=True),
        sa.Column("country", sa.String(2), primary_key=True),
        sa.Column("clicks", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("impressions", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("cost_micros", sa.BigInteger),
        sa.Column("converted_micros", sa.BigInteger),
        sa.Column("currency", sa.String(3)),
        sa.Column("import_id", sa.String(32), nullable=False),
    )


def _create_facts() -> None:
    op.create_table(
        "touches",
        sa.Column("touch_id", sa.String(32), primary_key=True),
        sa.Column("lead_id", sa.Text, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("campaign_key", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("medium", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("origin", sa.String(32), nullable=False),
    )
    op.create_index("touches_of_lead", "touches", ["lead_id", "at"])
    op.create_table(
        "lead_facts",
        sa.Column("lead_id", sa.Text, primary_key=True),
        sa.Column("submitted_at", sa.String(32), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("entry", sa.String(16), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("medium", sa.Text, nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("campaign_key", sa.Text, nullable=False),
        sa.Column("campaign_name", sa.Text, nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("account_key", sa.String(64), nullable=False),
        sa.Column("matched_by", sa.String(16), nullable=False),
        sa.Column("junk_ppm", sa.Integer),
        sa.Column("win_ppm", sa.Integer),
        sa.Column("expected_revenue_micros", sa.BigInteger),
        sa.Column("submit_win_ppm", sa.Integer),
        sa.Column("submit_value_micros", sa.BigInteger),
        sa.Column("value_micros", sa.BigInteger),
        sa.Column("mql_at", sa.String(32)),
        sa.Column("sql_at", sa.String(32)),
        sa.Column("quote_at", sa.String(32)),
        sa.Column("won_at", sa.String(32)),
        sa.Column("lost_at", sa.String(32)),
        sa.Column("touched_at", sa.String(32)),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("revenue_micros", sa.BigInteger),
        sa.Column("cost_micros", sa.BigInteger),
        sa.Column("model_version", sa.String(64), nullable=False),
        sa.Column("known_at", sa.String(32), nullable=False),
    )
    op.create_index("lead_facts_by_day", "lead_facts", ["day", "channel", "campaign_key"])
    op.create_index("lead_facts_by_known", "lead_facts", ["known_at"])
    op.create_index("lead_facts_of_campaign", "lead_facts", ["channel", "campaign_key", "submitted_at"])
    op.create_index("lead_facts_untouched", "lead_facts", ["value_micros"], sqlite_where=sa.text(UNTOUCHED), postgresql_where=sa.text(UNTOUCHED))
    op.create_index("lead_facts_untouched_by_time", "lead_facts", ["submitted_at", "value_micros"], sqlite_where=sa.text(UNTOUCHED), postgresql_where=sa.text(UNTOUCHED))
    op.create_index("lead_facts_untouched_of_campaign", "lead_facts", ["channel", "campaign_key", "country", "value_micros"], sqlite_where=sa.text(UNTOUCHED), postgresql_where=sa.text(UNTOUCHED))
    op.create_index("lead_facts_won", "lead_facts", ["won_at"], sqlite_where=sa.text("won_at IS NOT NULL"), postgresql_where=sa.text("won_at IS NOT NULL"))


def _deal_sums() -> list[sa.Column[int]]:
    names = ("deal_sqls", "deal_sql_micros", "deal_quotes", "deal_quote_micros")
    return [sa.Column(name, sa.BigInteger, nullable=False, server_default="0") for name in names]


def _create_lead_days() -> None:
    op.create_table(
        "lead_days",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("channel", sa.String(64), primary_key=True),
        sa.Column("campaign_key", sa.Text, primary_key=True),
        sa.Column("country", sa.String(2), primary_key=True),
        sa.Column("leads", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("scored", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("genuine_ppm", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("junk", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("mql", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("sql", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("quoted", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("won", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("lost", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("revenue_micros", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("revenue_squares", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("cost_micros", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("open_scored", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("open_win_ppm", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("open_win_squares_ppm", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("open_value_micros", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("submit_win_ppm", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("submit_value_micros", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("submit_won", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("submit_revenue_micros", sa.BigInteger, nullable=False, server_default="0"),
        *_deal_sums(),
    )
    op.create_table(
        "outcome_days",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("channel", sa.String(64), primary_key=True),
        sa.Column("campaign_key", sa.Text, primary_key=True),
        sa.Column("country", sa.String(2), primary_key=True),
        sa.Column("mql", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("sql", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("quoted", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("won", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("lost", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("revenue_micros", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("cost_micros", sa.BigInteger, nullable=False, server_default="0"),
    )


def _create_lead_months() -> None:
    op.create_table(
        "lead_months",
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("channel", sa.String(64), primary_key=True),
        sa.Column("campaign_key", sa.Text, primary_key=True),
        sa.Column("country", sa.String(2), primary_key=True),
        sa.Column("leads", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("scored", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("genuine_ppm", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("junk", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("mql", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("sql", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("quoted", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("won", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("lost", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("revenue_micros", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("revenue_squares", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("cost_micros", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("open_scored", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("open_win_ppm", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("open_win_squares_ppm", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("open_value_micros", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("submit_win_ppm", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("submit_value_micros", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("submit_won", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("submit_revenue_micros", sa.BigInteger, nullable=False, server_default="0"),
        *_deal_sums(),
    )
    op.create_table(
        "response_bins",
        sa.Column("week", sa.String(10), primary_key=True),
        sa.Column("channel", sa.String(64), primary_key=True),
        sa.Column("hours", sa.String(8), primary_key=True),
        sa.Column("bin", sa.Integer, primary_key=True),
        sa.Column("touched", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("untouched", sa.BigInteger, nullable=False, server_default="0"),
    )


def _create_sums() -> None:
    for name, keys, sums in SUM_TABLES:
        columns = [sa.Column(key, KEYS[key], primary_key=True) for key in keys.split()]
        counts = [sa.Column(column, sa.BigInteger, nullable=False, server_default="0") for column in sums.split()]
        op.create_table(name, *columns, *counts)


def _create_pages() -> None:
    op.create_table(
        "figure_snapshots",
        sa.Column("as_of", sa.String(10), primary_key=True),
        sa.Column("figure", sa.String(64), primary_key=True),
        sa.Column("scope", sa.Text, primary_key=True),
        sa.Column("value", sa.Double),
        sa.Column("low", sa.Double),
        sa.Column("high", sa.Double),
        sa.Column("formula_version", sa.Integer, nullable=False),
    )
    op.create_table(
        "report_refreshes",
        sa.Column("refresh_id", sa.String(32), primary_key=True),
        sa.Column("first_day", sa.String(10), nullable=False),
        sa.Column("started_at", sa.String(32), nullable=False),
        sa.Column("ended_at", sa.String(32), nullable=False),
        sa.Column("facts", sa.Integer, nullable=False),
        sa.Column("rows_written", sa.Integer, nullable=False),
    )
    op.create_table(
        "share_links",
        sa.Column("link_id", sa.String(32), primary_key=True),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("money", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("expires_at", sa.String(32), nullable=False),
        sa.Column("revoked_at", sa.String(32)),
    )
