"""Behaviour of people, bots, instant forms and imports."""

from __future__ import annotations

from simulation import Simulation


def test_interested_people_do_more_than_bots(base: Simulation) -> None:
    junk = base.truth["junk"].to_numpy()
    for column in ("Pages Viewed", "Visits", "Pricing Views", "Session Seconds"):
        assert base.leads.loc[~junk, column].mean() > base.leads.loc[junk, column].mean(), column
    assert base.leads.loc[junk, "Honeypot Filled"].mean() > 10 * base.leads.loc[~junk, "Honeypot Filled"].mean()


def test_instant_forms_and_imports_carry_no_page(base: Simulation) -> None:
    off_site = base.leads["Lead Source"].isin(["meta_form", "linkedin", "fair"])
    on_page = [
        "Form Seconds",
        "Pages Viewed",
        "IP",
        "User Agent",
        "Landing Page",
        "Honeypot Filled",
        "lw_data",
        "Headers",
    ]
    assert base.leads.loc[off_site, on_page].isna().all(axis=None)
    assert base.leads.loc[~off_site, ["Pages Viewed", "IP", "User Agent", "Form Token"]].notna().all(axis=None)
    timed = base.leads["Form Seconds"].notna()
    assert base.leads.loc[timed, "Form Token"].eq("ok").all()
    assert base.leads.loc[base.leads["Form Token"].eq("ok"), "Form Seconds"].notna().mean() > 0.97
