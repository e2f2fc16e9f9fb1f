"""Numbers that a business sees of a lead at its submit, for rules and fitted scores."""

from __future__ import annotations

import pandas as pd

from features.domains import free_domains

_NUMBERS = (
    "Employees",
    "Budget",
    "Form Seconds",
    "Pages Viewed",
    "Visits",
    "Days Since First Visit",
    "Content Downloads",
    "Webinars Attended",
    "Emails Clicked",
    "Pricing Views",
    "Demo Requested",
    "Honeypot Filled",
    "Webdriver",
    "Company Age",
    "Locations",
)
_CATEGORIES = ("Industry", "Lead Source", "Medium", "Campaign", "Product Interest", "Device")
_LEAST_ROWS = 30  # of a category; rarer ones are one


def lead_facts(leads: pd.DataFrame) -> pd.DataFrame:
    """Return one row of numbers per lead of a simulated CRM; categories are numbered, missing values are NaN."""
    columns = {name: pd.to_numeric(leads[name], errors="coerce").astype(float) for name in _NUMBERS}
    for name in _CATEGORIES:
        written = leads[name].str.casefold()
        counts = written.map(written.value_counts())
        columns[name] = pd.Series(pd.factorize(written.where(counts >= _LEAST_ROWS), sort=True)[0].astype(float))
    mail = leads["Email"].str.rpartition("@")[2].str.strip().str.casefold()
    columns["free mail"] = mail.isin(free_domains()).astype(float)
    columns["phone"] = leads["Phone"].notna().astype(float)
    columns["message length"] = leads["Message"].str.len().fillna(0).astype(float)
    return pd.DataFrame(columns)


def points(facts: pd.DataFrame) -> pd.Series:
    """Return hand-made points from 0 to 100, as a marketing team writes them: fit and interest, half each.

    Examples
    --------
    >>> names = ["Employees", "Budget", "Pricing Views", "Demo Requested", "Pages Viewed", "Content Downloads"]
    >>> row = pd.DataFrame([[120.0, 20_000.0, 2.0, 1.0, 6.0, 1.0]], columns=names)
    >>> points(row.assign(**{"free mail": 0.0, "phone": 1.0, "Honeypot Filled": 0.0, "Webdriver": 0.0})).tolist()
    [100.0]
    """
    fit = (
        15.0 * (1 - facts["free mail"])
        + 10.0 * facts["phone"]
        + 15.0 * (facts["Employees"] >= 50)
        + 10.0 * (facts["Budget"] >= 10_000)
    )
    interest = (
        20.0 * (facts["Demo Requested"] > 0)
        + 15.0 * (facts["Pricing Views"] > 0)
        + 10.0 * (facts["Pages Viewed"] >= 4)
        + 5.0 * (facts["Content Downloads"] > 0)
    )
    caught = (facts["Honeypot Filled"] > 0) | (facts["Webdriver"] > 0)
    return (fit + interest) * ~caught
