"""Inventory of personal data in the tables of the report."""

from __future__ import annotations

from store.credit_schema import CREDITS, STAGE_COUNTS
from store.stored_data import ERASED, LEAD_ID, LEADS, NO_PERSON, STAFF, StoredData, kept_as, kept_days

_COUNTED = kept_as("as long as the report shows them; they are counts and sums")
_READERS = "`leadworth report`, service (API key with scope report or read)"
_NOT_ERASED = "stays: numbers of no single person"
_FACTS_KEPT = kept_days("facts_days", " after submit")

REPORT_TABLES = (
    StoredData(
        "lead_facts",
        LEADS,
        "show what leads cost and bring, and the leads behind each figure",
        _FACTS_KEPT,
        "clear, without name, address, number or message",
        _READERS,
        ERASED,
        {
            "lead_id": LEAD_ID,
            "submitted_at day entry source medium channel campaign_key campaign_name matched_by country": "where the "
            "lead came from",
            "account_key": "company (keyed digest)",
            "junk_ppm win_ppm expected_revenue_micros submit_win_ppm submit_value_micros value_micros model_version": (
                "scores"
            ),
            "mql_at sql_at quote_at won_at lost_at touched_at stage": "stages, and the first contact by sales",
            "gone_at": "when the CRM no longer had the lead",
            "revenue_micros cost_micros": "money of the deal",
            "known_at": "time of the newest part",
        },
    ),
    StoredData(
        "touches",
        LEADS,
        "divide the credit for revenue between channels",
        _FACTS_KEPT,
        "clear, without name, address, number or message",
        _READERS,
        ERASED,
        {
            "lead_id": LEAD_ID,
            "touch_id": "digest of the row",
            "at channel campaign_key source medium kind origin": "contact with marketing",
        },
    ),
    StoredData(
        "click_campaigns",
        LEADS,
        "find the campaign of a click",
        kept_as("90 days"),
        "keyed digest (HMAC-SHA256)",
        "`leadworth report build`",
        "stays: digest of a click id, with no lead",
        {"click": "click id (keyed digest)", "platform account_id campaign_id day": "campaign and day"},
    ),
    StoredData(
        "data_imports",
        NO_PERSON,
        "say where spend and traffic come from and how old they are",
        _COUNTED,
        "clear",
        _READERS,
        _NOT_ERASED,
        {
            "import_id kind platform account_id origin imported_at": "import",
            "first_day last_day zone rows_read rows_set_aside quality": "content",
            "total_micros source_total_micros currency": "sums",
        },
    ),
    StoredData(
        "spend_days",
        NO_PERSON,
        "relate revenue to what it cost",
        _COUNTED,
        "clear",
        _READERS,
        _NOT_ERASED,
        {
            "platform account_id campaign_id campaign_name campaign_key": "campaign",
            "channel network country day": "channel, country and day",
            "currency cost_micros converted_micros": "cost",
            "impressions clicks invalid_clicks eligible_impressions eligible_is_bound": "counts",
            "import_id": "import",
        },
    ),
    StoredData(
        "traffic_days",
        NO_PERSON,
        "relate leads to sessions",
        _COUNTED,
        "clear",
        _READERS,
        _NOT_ERASED,
        {
            "property_id day source medium campaign_id campaign_name country channel campaign_key": "campaign and day",
            "sessions engaged_sessions users views session_seconds key_events": "counts",
            "quality import_id": "import",
        },
    ),
    StoredData(
        "traffic_weeks",
        NO_PERSON,
        "traffic of years",
        _COUNTED,
        "clear",
        _READERS,
        _NOT_ERASED,
        {
            "week channel campaign_key country": "campaign and week",
            "sessions engaged_sessions views session_seconds key_events": "counts",
        },
    ),
    StoredData(
        "metric_days",
        NO_PERSON,
        "imported counts: e-mail, webinars, events, downloads, social engagement",
        _COUNTED,
        "clear",
        _READERS,
        _NOT_ERASED,
        {"name account_id day campaign_key channel count import_id": "count of a day"},
    ),
    StoredData(
        "query_days",
        NO_PERSON,
        "what clicks from search would have cost as ads",
        _COUNTED,
        "clear; a query is shown by its search engine only where many people sent it",
        _READERS,
        _NOT_ERASED,
        {
            "account_id kind day query country": "query and day",
            "clicks impressions cost_micros converted_micros currency import_id": "counts and cost",
        },
    ),
    *(
        StoredData(
            name,
            NO_PERSON,
            "show figures at once",
            _COUNTED,
            "clear",
            _READERS,
            "computed again from what stays",
            {
                f"{period} channel campaign_key country": "cohort",
                "leads scored genuine_ppm junk mql sql quoted won lost open_scored": "counts",
                "revenue_micros revenue_squares cost_micros open_value_micros": "sums of money",
                "open_win_ppm open_win_squares_ppm": "sums of probabilities",
                "submit_win_ppm submit_value_micros": "sums of predictions at submit",
                "submit_won submit_revenue_micros": "wins and revenue of the leads with a prediction at submit",
                "deal_sqls deal_sql_micros deal_quotes deal_quote_micros": "open deals",
            },
        )
        for name, period in (("lead_days", "day"), ("lead_months", "month"))
    ),
    StoredData(
        "outcome_days",
        NO_PERSON,
        "outcomes by the day on which they happened",
        _COUNTED,
        "clear",
        _READERS,
        "computed again from what stays",
        {"day channel campaign_key country mql sql quoted won lost revenue_micros cost_micros": "counts and sums"},
    ),
    *(
        StoredData(
            name,
            NO_PERSON,
            "show figures at once",
            _COUNTED,
            "clear",
            _READERS,
            "computed again from what stays",
            {
                keys: "period and campaign",
                "leads scored genuine_ppm junk mql sql quoted won lost open_scored": "counts of leads",
                "revenue_micros revenue_squares cost_micros open_value_micros": "sums of money",
                "open_win_ppm open_win_squares_ppm": "sums of probabilities",
                "submit_win_ppm submit_value_micros": "sums of predictions at submit",
                "submit_won submit_revenue_micros": "wins and revenue of the leads with a prediction at submit",
                "deal_sqls deal_sql_micros deal_quotes deal_quote_micros": "open deals",
                "event_mql event_sql event_quoted event_won event_lost": "counts of outcomes",
                "event_revenue_micros event_cost_micros": "money of outcomes",
                "spend_converted_micros spend_unconverted spend_rows spend_impressions spend_clicks "
                "spend_invalid_clicks spend_searched_impressions spend_bounds": "spend",
                "sessions engaged_sessions views session_seconds key_events": "counts of sessions",
            },
        )
        for name, keys in (
            ("campaign_days", "day channel campaign_key"),
            ("campaign_months", "month channel campaign_key"),
            ("channel_days", "day channel"),
            ("channel_months", "month channel"),
        )
    ),
    StoredData(
        "response_bins",
        NO_PERSON,
        "how fast sales answers",
        _COUNTED,
        "clear",
        _READERS,
        "computed again from what stays",
        {"week channel hours bin touched untouched": "counts"},
    ),
    *(
        StoredData(
            table,
            NO_PERSON,
            "show figures at once",
            _COUNTED,
            "clear",
            _READERS,
            "computed again from what stays",
            {keys: "period and group", sums: what},
        )
        for table, keys, sums, what in (
            ("stage_days", "day channel stage bin", " ".join(STAGE_COUNTS), "counts of leads by the time to a stage"),
            ("stage_months", "month channel stage bin", " ".join(STAGE_COUNTS), "counts by the time to a stage"),
            ("credit_days", "basis day channel campaign_key country touched", " ".join(CREDITS), "sums of revenue"),
            ("credit_months", "basis month channel touched", " ".join(CREDITS), "sums of revenue"),
        )
    ),
    StoredData(
        "figure_snapshots",
        NO_PERSON,
        "compare what the report said with what came",
        _COUNTED,
        "clear",
        _READERS,
        _NOT_ERASED,
        {"as_of figure scope value low high formula_version currency": "figure of a day"},
    ),
    StoredData(
        "report_refreshes",
        NO_PERSON,
        "say how old the figures are",
        _COUNTED,
        "clear",
        _READERS,
        _NOT_ERASED,
        {"refresh_id first_day started_at ended_at facts rows_written currency files_at": "run"},
    ),
    StoredData(
        "share_links",
        STAFF,
        "show the report to people without a key",
        kept_as("until revoked or expired"),
        "clear; the link itself is signed and not stored",
        "service",
        "by the operator",
        {"link_id created_by query money created_at expires_at revoked_at": "link"},
    ),
)
