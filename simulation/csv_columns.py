"""Columns of leads.csv: their names, standard fields and values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from simulation.companies import PersonFacts, industries
from simulation.extra_columns import Extras
from simulation.parameters import data
from simulation.person_details import PersonDetails
from simulation.rng import Flags, Floats, Ints, blank, join, pick, put
from simulation.visitor_behaviour import Behaviour

FILE_COLUMNS = {
    "email": "Email",
    "first_name": "First Name",
    "last_name": "Last Name",
    "phone": "Phone",
    "company": "Company",
    "website": "Website",
    "job_title": "Job Title",
    "employees": "Employees",
    "industry": "Industry",
    "country": "Country",
    "budget": "Budget",
    "message": "Message",
    "source": "Lead Source",
    "medium": "Medium",
    "campaign": "Campaign",
    "term": "Term",
    "content": "Content",
    "landing_page": "Landing Page",
    "referrer": "Referrer",
    "gclid": "gclid",
    "wbraid": "wbraid",
    "gbraid": "gbraid",
    "msclkid": "msclkid",
    "fbclid": "fbclid",
    "fbp": "fbp",
    "li_fat_id": "li_fat_id",
    "ga_client_id": "GA Client ID",
    "consent_ad_user_data": "Ads Consent",
    "consent_ad_personalization": "Personal Ads Consent",
    "form_id": "Form",
    "entry": "Entry",
    "ip": "IP",
    "user_agent": "User Agent",
    "accept_language": "Accept Language",
    "headers": "Headers",
    "ip_country": "IP Country",
    "asn": "ASN",
    "token_state": "Form Token",
    "lw_data": "lw_data",
    "form_seconds": "Form Seconds",
    "session_seconds": "Session Seconds",
    "pages_viewed": "Pages Viewed",
    "visits": "Visits",
    "days_since_first_visit": "Days Since First Visit",
    "content_downloads": "Content Downloads",
    "webinars_attended": "Webinars Attended",
    "emails_clicked": "Emails Clicked",
    "pricing_views": "Pricing Views",
    "demo_requested": "Demo Requested",
    "honeypot_filled": "Honeypot Filled",
    "webdriver": "Webdriver",
}
LATER_COLUMNS = ("Lead Status", "Lead Owner", "Last Modified")


def file_columns(
    persons: PersonFacts,
    details: PersonDetails,
    message: pa.Array,
    seen: dict[str, pa.Array],
    behaviour: Behaviour,
    extras: Extras,
    imported: Flags,
    rng: np.random.Generator,
) -> dict[str, pa.Array]:
    """Return the clean columns of the lead file by name, without id and times."""
    content = data("companies")
    titles = [list(content["titles"][str(level)]) for level in range(5)]
    starts = np.concatenate([[0], np.cumsum([len(t) for t in titles])[:-1]])
    counts = np.array([len(t) for t in titles])
    level = np.maximum(persons.level, 0)
    at = starts[level] + (rng.random(len(level)) * counts[level]).astype(np.int64)
    title = put(pick([t for pool in titles for t in pool], at), persons.late_title, content["titles"]["late"][0])
    countries = list(data("people")["countries"].values())
    is_local = (rng.random(len(level)) < 0.85).astype(np.int64)
    spellings = np.array([len(c["written"]) for c in countries])
    starts_of_country = np.concatenate([[0], np.cumsum(spellings)[:-1]])[persons.country]
    other = 1 + (rng.random(len(level)) * (spellings[persons.country] - 1)).astype(np.int64)
    country = pick([w for c in countries for w in c["written"]], starts_of_country + np.where(is_local == 1, 0, other))
    fields = {
        **{name: getattr(details, name) for name in ("email", "first_name", "last_name", "phone", "company")},
        "website": blank(details.website, imported | (rng.random(len(level)) < 0.5)),
        "job_title": blank(title, persons.level < 0),
        "employees": _whole(persons.employees),
        "industry": blank(pick(list(industries()), np.maximum(persons.industry, 0)), persons.industry < 0),
        "country": country,
        "budget": _number(persons.budget),
        "message": message,
        **seen,
        **_behaviour(behaviour),
    }
    table = {column: fields[field] for field, column in FILE_COLUMNS.items()}
    return {**table, **extras.numeric, **extras.categorical, **extras.text}


_DECIMAL = ("form_seconds", "session_seconds", "days_since_first_visit")


def _behaviour(behaviour: Behaviour) -> dict[str, pa.Array]:
    values = {name: value for name, value in vars(behaviour).items() if name not in {"on_site", "token", "seconds"}}
    return {name: _number(np.round(v, 1)) if name in _DECIMAL else _whole(v) for name, v in values.items()}


def _number(values: Floats) -> pa.Array:
    return pa.array(values, from_pandas=True)


def _whole(values: Floats) -> pa.Array:
    unknown = np.isnan(values)
    return pa.array(np.where(unknown, 0, values).astype(np.int64), mask=unknown)


def instants(seconds: Ints) -> pa.Array:
    """Return seconds since 1970 as UTC timestamps."""
    return pa.array(seconds * 1_000_000).cast(pa.timestamp("us", "UTC"))


def lead_ids(rows: int) -> pa.Array:
    """Return the ids of the CRM, in order of arrival."""
    number = pa.array(np.arange(1, rows + 1)).cast(pa.string())
    return join("L-", pc.utf8_lpad(number, 7, "0"))


def frame(columns: dict[str, pa.Array]) -> pd.DataFrame:
    """Return the columns as a pandas table; missing text is nan, whole numbers with missing values are float64."""
    table: pd.DataFrame = pa.table(columns).to_pandas()
    return table
