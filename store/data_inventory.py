"""Inventory of personal data: every table with its columns, and every file and cache, for `leadworth privacy report`.

A table or column that is added to `store.schema` must be described here; a contract test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadworth.velocity_retention import KEPT_DAYS, REMEMBERED_DAYS

if TYPE_CHECKING:
    from leadworth.retention_settings import RetentionSettings

Kept = Callable[["RetentionSettings"], str]
ERASED = "deleted by `leadworth erase`"
OPERATOR = "by the operator"
NO_PERSON = "no person"
LEADS = "people who sent a lead"
STAFF = "staff"
LEAD_ID = "id of the lead (clear)"


@dataclass(frozen=True)
class StoredData:
    """A table, file or cache.

    Attributes
    ----------
    name
        Of the table; path of a file, relative to the folder of leadworth.toml; prefix of keys of a cache.
    subjects
        Of whom the data are.
    purpose
        Why they are stored.
    kept
        Returns how long, given the settings.
    protection
        Clear, digest or encrypted.
    readers
        Who reads them.
    erasure
        How a person is erased from them.
    columns
        Columns of a table -> content. Several names are separated by spaces.
    """

    name: str
    subjects: str
    purpose: str
    kept: Kept
    protection: str
    readers: str
    erasure: str
    columns: Mapping[str, str]

    @property
    def column_names(self) -> set[str]:
        """Names of the columns that are described."""
        return {name for names in self.columns for name in names.split()}

    @property
    def content(self) -> str:
        """What is stored."""
        return "; ".join(dict.fromkeys(self.columns.values()))


def _days(setting: str, addition: str = "") -> Kept:
    return lambda settings: f"{getattr(settings, setting):g} days{addition} ([retention] {setting})"


def _fixed(text: str) -> Kept:
    return lambda _: text


TABLES = (
    StoredData(
        "decisions",
        LEADS,
        "look up, explain and recompute scores; watch for drift and junk",
        _days("decisions_days", " after the last decision about the lead, longer while it is restated"),
        "clear, without name, address, number or message",
        "service (API key with scope read), `leadworth watch`, `replay`, `export plan`",
        ERASED,
        {
            "lead_id": LEAD_ID,
            "decision_id scored_at request_id": "id and time of the decision and of its request",
            "model_version bundle_id policy_version lists_hash alpha threshold calibration_n": "model used",
            "win_probability expected_revenue predicted_value currency": "score",
            "junk_probability automation_probability": "score",
            "verdict would_be mql mql_reason propensity junk_log_odds": "verdict",
            "reasons": "reasons of the score: features of the lead in words",
            "vector features_hash answers age_days": "features and rule results, as numbers",
            "channel campaign form_id": "source and campaign as the visitor's link names them, form",
            "idempotency_key": "digest of the Idempotency-Key",
        },
    ),
    StoredData(
        "feedback",
        LEADS + "; " + STAFF,
        "correct verdicts and train on what leads turned out to be",
        _days("feedback_days", " after the last feedback on the lead"),
        "clear",
        "service (scope read), `leadworth train`, `watch`",
        ERASED,
        {
            "lead_id": LEAD_ID,
            "feedback_id decision_id given_at": "id and time",
            "label verdict_before verdict_after": "label and verdicts",
            "given_by": "id of the API key that gave it",
            "why": "comment of a person (free text)",
        },
    ),
    StoredData(
        "person_index",
        LEADS,
        "find the leads of a person for erasure",
        _fixed("as long as any other table names the lead"),
        "keyed digests (HMAC-SHA256, BLAKE2b); lead id clear",
        "`leadworth erase`",
        ERASED,
        {
            "lead_id": LEAD_ID,
            "entry_id": "id of the entry (keyed digest)",
            "email": "e-mail address (keyed digest)",
            "phone": "phone number (keyed digest)",
            "velocity_person velocity_at": "velocity event of the lead (keyed digest and time)",
        },
    ),
    StoredData(
        "velocity_events",
        LEADS,
        "count recent leads of one sender, to recognise bots",
        _fixed(f"{KEPT_DAYS} days (fixed: the longest window of the features)"),
        "keyed digests (BLAKE2b, 64 bits)",
        "service, `leadworth score`, `train`",
        ERASED,
        {
            "seq at writer": "order and time",
            "person": "e-mail address, else phone number or lead id (keyed digest)",
            "keys domain": "address of the connection and its network, company's mail domain, phone number, browser, "
            "behaviour, message (keyed digests)",
            "nonce": "random number of the form token",
        },
    ),
    StoredData(
        "velocity_domains",
        "companies",
        "age of a mail domain",
        _fixed(f"{KEPT_DAYS + REMEMBERED_DAYS} days (fixed)"),
        "keyed digest (BLAKE2b, 64 bits)",
        "service, `leadworth score`, `train`",
        "kept: it is about a mail domain of a company, never of a free provider",
        {"domain": "company's mail domain (keyed digest)", "day first_at": "earliest lead of a day"},
    ),
    StoredData(
        "answers",
        LEADS,
        "answer a repeated request as the first time",
        lambda settings: f"{settings.answers_hours:g} hours ([retention] answers_hours)",
        "clear score; keyed digest of the request",
        "service",
        ERASED + "; the answer to a batch as a whole",
        {
            "key": "digest of caller and Idempotency-Key",
            "body_hash": "keyed digest of the request",
            "body": "scores with lead ids (clear)",
            "answered_at": "time",
        },
    ),
    StoredData(
        "consents",
        LEADS,
        "send to ad platforms only what a person agreed to, and prove it",
        _days("consents_days", " after the last change, longer while identifiers are kept"),
        "clear",
        "`leadworth export`",
        ERASED,
        {
            "lead_id": LEAD_ID,
            "consent_id given_at": "id and time",
            "purpose granted": "purpose, granted or not",
            "source": "what recorded it (free text)",
        },
    ),
    StoredData(
        "export_people",
        LEADS,
        "restate and retract conversions at ad platforms",
        _days("identifiers_days", " after submit"),
        "encrypted (Fernet); keyed digest of the address; lead id and region clear",
        "`leadworth export`, `erase`",
        ERASED,
        {
            "lead_id": LEAD_ID,
            "pseudonym": "e-mail address (keyed digest)",
            "sealed": "address, number, name, click ids, address of the connection, browser (encrypted)",
            "region": "country",
            "submitted_at keep_until": "time of submit and of deletion",
        },
    ),
    StoredData(
        "export_events",
        LEADS,
        "send values to ad platforms once each, restate and reconcile them",
        _days("events_days", " after the last change, longer while they can be restated"),
        "clear; identifiers encrypted (Fernet) until delivery; transaction id is a keyed digest",
        "`leadworth export`, service (scope read)",
        "withdrawn or retracted; lead id replaced by a random name, campaign and identifiers deleted: numbers remain",
        {
            "lead_id": LEAD_ID,
            "event_id destination stage version kind": "platform and stage",
            "transaction_id": "id at the platform (keyed digest of the lead id)",
            "channel campaign model_version": "source, campaign, model",
            "expected value sent_value currency": "value",
            "happened_at created_at updated_at first_sent_at not_before expires_at": "times",
            "state code attempts leased_by lease_until in_doubt_until receipt": "state of sending",
            "payload": "identifiers (encrypted)",
        },
    ),
    StoredData(
        "export_receipts",
        NO_PERSON,
        "reconcile what platforms processed",
        _days("events_days", " after sending"),
        "clear",
        "`leadworth export`",
        "not needed: counts of batches",
        {
            "receipt destination sent_at": "batch at a platform",
            "events asked ask_at processed failed reasons": "counts and reasons",
        },
    ),
    StoredData(
        "export_gates",
        NO_PERSON,
        "keep the limits of platforms",
        _fixed("one row a platform"),
        "clear",
        "`leadworth export`",
        "not needed",
        {"destination next_at closed_until closings why": "rate limit and circuit breaker"},
    ),
    StoredData(
        "export_approvals",
        STAFF,
        "record who let a new model change values at once",
        _fixed("one row a model version"),
        "clear",
        "`leadworth export`",
        OPERATOR,
        {"model_version approved_at": "model and time", "approved_by": "user name of a member of staff"},
    ),
    StoredData(
        "erasures",
        LEADS,
        "keep an erased person out of later exports, and prove the erasure",
        _fixed("unlimited: a CRM may send the lead again at any time"),
        "keyed digests (HMAC-SHA256)",
        "`leadworth export`, `erase`, service",
        "not needed: nothing can be read from it",
        {
            "entry_id erasure_id erased_at": "id and time",
            "kind digest": "lead id, address or number (keyed digest)",
            "receipt": "counts",
        },
    ),
    StoredData(
        "api_keys",
        STAFF,
        "let servers call the service",
        _fixed("until an operator deletes them"),
        "digest of the key",
        "service, `leadworth keys`",
        OPERATOR,
        {"key_id name scopes": "name and scopes", "hash": "digest of the key", "created_at revoked_at": "times"},
    ),
)

FILES = (
    StoredData(
        ".leadworth/spool",
        LEADS,
        "keep decisions while the database is unavailable",
        _fixed("until the database answers again, some seconds after"),
        "as in the tables; readable by the owner only",
        "service",
        "written to the store, then " + ERASED,
        {"": "the rows of a lead as in the tables"},
    ),
    StoredData(
        ".leadworth/installation.key",
        NO_PERSON,
        "key of digests and encryption, where `secret` is not set",
        _fixed("as long as the installation"),
        "clear; readable by the owner only",
        "all commands",
        "not needed",
        {"": "random bytes"},
    ),
    StoredData(
        "exports",
        LEADS,
        "files of conversions that a platform fetches",
        _fixed("until an operator deletes them"),
        "clear",
        "the platform, service (scope export)",
        "named by `leadworth erase`; " + OPERATOR,
        {"": "click id, action, time and value"},
    ),
    StoredData(
        "*.csv *.parquet *.xlsx",
        LEADS,
        "your exports of the CRM, scored files, rejected rows",
        _fixed("until an operator deletes them"),
        "clear; written readable by the owner only",
        "`leadworth train`, `score`",
        "named by `leadworth erase`; " + OPERATOR,
        {"": "what you exported"},
    ),
    StoredData(
        "mlartifacts",
        LEADS,
        "trained models with the report of their evaluation",
        _fixed("until an operator deletes a version"),
        "clear; single feature values of training leads, no row of a lead",
        "all commands that score",
        "a model trained after the erasure does not have the person",
        {"": "trees, thresholds, and values of single features"},
    ),
)

CACHES = (
    StoredData(
        "leadworth:event leadworth:token leadworth:domain",
        LEADS,
        "velocity counts shared by all processes",
        _fixed(f"{KEPT_DAYS} days, tokens 2 days, domains {3 * KEPT_DAYS} days (fixed)"),
        "keyed digests (BLAKE2b, 64 bits)",
        "service",
        "removed by `leadworth erase`",
        {"": "velocity events and used tokens"},
    ),
    StoredData(
        "LIMITS:leadworth",
        LEADS,
        "limit of submissions a minute",
        _fixed("one minute"),
        "clear",
        "service",
        "gone after a minute",
        {"": "address of the connection (IPv4, or the first half of IPv6)"},
    ),
    StoredData(
        "memory of the service",
        LEADS,
        "velocity counts without a query a lead",
        _fixed(f"{KEPT_DAYS} days, at most until a restart"),
        "keyed digests (BLAKE2b, 64 bits)",
        "service",
        "gone with a restart",
        {"": "velocity events"},
    ),
)
