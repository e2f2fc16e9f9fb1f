"""What a user would write instead: 60 plain features in pandas, and `predict` of the same three models.

`python -m benchmarks.peers.plain_pandas LEADS.parquet OUT.parquet MODELS` reads the columns it needs, computes the
features column by column, lets LightGBM predict with all threads and writes the id, three predictions and their
product. It has no velocity, no policy, no reasons, no reading of odd values, and no bound on memory. The models have
more features than 60; the others are missing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd

from leadworth.arrays import Matrix, Vector

Feature = Callable[[pd.Series], pd.Series]

ID, SUBMITTED, PAYLOAD = "Lead ID", "Created", "lw_data"
FREE = ("gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com", "gmx.de", "web.de", "libero.it", "qq.com")
TEXTS = ("First Name", "Last Name", "Company", "Website", "Job Title", "Message", "Landing Page", "Referrer")
CATEGORIES = (
    *("Industry", "Country", "Lead Source", "Medium", "Campaign", "Term", "Content", "Form", "Entry", "Form Token"),
    *("IP Country", "Product Interest", "Device", "Newsletter", "Preferred Contact", "Accept Language"),
)
NUMBERS = (
    *("Employees", "Budget", "ASN", "Form Seconds", "Session Seconds", "Pages Viewed", "Visits"),
    *("Days Since First Visit", "Content Downloads", "Webinars Attended", "Emails Clicked", "Pricing Views"),
    *("Demo Requested", "Honeypot Filled", "Webdriver", "Company Age", "Locations"),
)
CLICKS = ("gclid", "msclkid", "fbclid", "li_fat_id")
RECORDED = ('"touch":1', '"kind":"enter"', '"paste":0')
COLUMNS = tuple(
    dict.fromkeys((ID, SUBMITTED, "Email", "Phone", "User Agent", PAYLOAD, *TEXTS, *CATEGORIES, *NUMBERS, *CLICKS))
)


def main(arguments: Sequence[str]) -> None:
    """Score a Parquet file; see the module."""
    leads, out, models = map(Path, arguments)
    table = pd.read_parquet(leads, columns=list(COLUMNS))
    boosters = [lightgbm.Booster(model_file=str(file)) for file in sorted(models.glob("*.txt"))]
    matrix = np.full((len(table), boosters[0].num_feature()), np.nan, dtype=np.float32)
    columns = features(table)
    for position, column in enumerate(columns.values()):
        matrix[:, position] = column
    scores = predictions(boosters, matrix)
    pd.DataFrame({ID: table[ID], **scores}).to_parquet(out)


def features(leads: pd.DataFrame) -> dict[str, Vector | pd.Series]:
    """Return the features by name."""
    created = pd.to_datetime(leads[SUBMITTED])
    email, phone, browser = leads["Email"], leads["Phone"], leads["User Agent"]
    domain = email.str.lower().str.partition("@")[2]
    columns: dict[str, Vector | pd.Series] = {
        "hour": created.dt.hour,
        "weekday": created.dt.day_of_week,
        "email_length": email.str.len(),
        "email_digits": email.str.count("[0-9]"),
        "email_free": domain.isin(FREE),
        "email_domain_length": domain.str.len(),
        "phone_length": phone.str.len(),
        "phone_international": phone.str.startswith("+"),
        "message_links": leads["Message"].str.contains("http", regex=False),
        "browser_mobile": browser.str.contains("Mobile", regex=False),
        "browser_chrome": browser.str.contains("Chrome", regex=False),
    }
    columns |= {f"length_{name}": leads[name].str.len() for name in TEXTS}
    columns |= {f"code_{name}": pd.factorize(leads[name])[0] for name in CATEGORIES}
    columns |= {f"number_{name}": pd.to_numeric(leads[name], errors="coerce") for name in NUMBERS}
    columns |= {f"has_{name}": leads[name].notna() for name in CLICKS}
    payload = leads[PAYLOAD]
    columns |= {f"recorded_{text}": payload.str.contains(text, regex=False) for text in RECORDED}
    return columns | {"recorded_length": payload.str.len()}


def predictions(boosters: Sequence[lightgbm.Booster], matrix: Matrix) -> dict[str, Vector]:
    """Return the prediction of each model, and the product of the last two."""
    values = [np.asarray(booster.predict(matrix)) for booster in boosters]
    scores = {f"model_{number}": value for number, value in enumerate(values)}
    return scores | {"value": values[-1] * values[-2]}


if __name__ == "__main__":
    main(sys.argv[1:])
