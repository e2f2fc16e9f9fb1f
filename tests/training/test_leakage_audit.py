"""The audit finds late columns from the data, and no others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from leadworth.errors import LeakageError
from training.leakage_audit import audit
from training.leakage_finding import LeakageAudit

DATA = Path(__file__).parents[3] / "shared" / "data"
LATE_OF_X_EDUCATION = {
    "Tags",
    "Lead Quality",
    "Lead Profile",
    "Last Activity",
    "Last Notable Activity",
    "Asymmetrique Activity Index",
    "Asymmetrique Profile Index",
    "Asymmetrique Activity Score",
    "Asymmetrique Profile Score",
}
FILLED_LATER_IN_X_EDUCATION = {
    "What is your current occupation",
    "What matters most to you in choosing a course",
}


def _public(name: str) -> Path:
    file = DATA / name
    if not file.is_file():
        pytest.skip(f"public data not present: {file}")
    return file


def _final(won: np.ndarray, revenue: np.ndarray | None = None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "state": np.where(won, "won", "lost"),
            "age_days": np.nan,
            "delay_days": np.nan,
            "closed_days": np.nan,
            "revenue": np.nan if revenue is None else np.where(won, revenue, np.nan),
            "disposition": "unknown",
        }
    )


def _renamed(table: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """Replace the names: the audit may use only the data."""
    hidden = {name: f"column_{position}" for position, name in enumerate(table.columns)}
    return table.rename(columns=hidden), {alias: name for name, alias in hidden.items()}


def _suspects(table: pd.DataFrame, labels: pd.DataFrame) -> tuple[set[str], set[str]]:
    hidden, names = _renamed(table)
    result = audit(hidden, labels)
    return {names[finding.column] for finding in result.findings}, {names[column] for column in result.refused(())}


def test_x_education_late_columns_are_found_without_their_names() -> None:
    leads = pd.read_csv(_public("x_education/Leads.csv.gz")).replace("Select", np.nan)
    columns = leads.drop(columns=["Converted", "Prospect ID", "Lead Number"])
    suspects, refused = _suspects(columns, _final(leads["Converted"].eq(1).to_numpy()))
    assert suspects == LATE_OF_X_EDUCATION | FILLED_LATER_IN_X_EDUCATION
    assert refused == {"Tags"}


def test_bank_marketing_duration_is_refused_and_nothing_else_suspected() -> None:
    contacts = pd.read_csv(_public("bank_marketing/bank-additional-full.csv.gz"), sep=";")
    suspects, refused = _suspects(contacts.drop(columns="y"), _final(contacts["y"].eq("yes").to_numpy()))
    assert suspects == refused == {"duration"}


def test_insurance_quotes_columns_are_not_refused() -> None:
    quotes = pd.read_csv(_public("insurance_quotes/policies_train.csv.gz"))
    won = quotes["convert_ind"].to_numpy()
    columns = quotes.drop(columns=["convert_ind", "policy_id"])
    suspects, refused = _suspects(columns, _final(won, quotes["quoted_amt"].to_numpy()))
    assert suspects == {"quoted_amt"}
    assert not refused


@pytest.fixture(scope="module")
def world() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leads with columns known at submit, one of them strong, won with delays."""
    rng = np.random.default_rng(5)
    count = 4000
    need, size = rng.normal(size=count), rng.lognormal(3, 1, count)
    won = rng.random(count) < 1 / (1 + np.exp(3.2 - 1.4 * need - 0.2 * np.log(size)))
    submitted = pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(rng.uniform(0, 300, count), unit="D")
    leads = pd.DataFrame(
        {
            "lead_id": np.arange(count).astype(str),
            "submitted_at": pd.Series(submitted).astype("datetime64[us, UTC]"),
            "employees": size,
            "extras.need": need,
            "extras.phone": pd.Series(np.where(rng.random(count) < 0.5 + 0.15 * won, "x", None), dtype="str"),
            "source": pd.Series(rng.choice(["a", "b", "c"], count), dtype="str"),
        }
    )
    labels = _final(won)
    labels["delay_days"] = np.where(won, rng.gamma(2, 20, count), np.nan)
    labels["age_days"] = 700.0
    labels["revenue"] = np.where(won, rng.lognormal(8, 1, count), np.nan)
    return leads, labels


def test_columns_known_at_submit_are_not_suspected(world: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    assert audit(*world).findings == ()


def _planted(name: str, world: tuple[pd.DataFrame, pd.DataFrame]) -> pd.Series:
    leads, labels = world
    rng = np.random.default_rng(6)
    won = labels["state"].eq("won").to_numpy()
    delay = labels["delay_days"].fillna(200).to_numpy()
    planted = {
        "filled_after_outcome": pd.Series(np.where(won, "Ann", None), dtype="str"),
        "only_won": pd.Series(
            np.where(won & (rng.random(len(won)) < 0.4), "nurture", rng.choice(["a", "b", "c"], len(won))), dtype="str"
        ),
        "single_column": pd.Series(np.where(won, rng.gamma(9, 60, len(won)), rng.gamma(2, 60, len(won)))),
        "measured_over_life": pd.Series(delay + rng.normal(0, 2, len(won))),
        "identifier": pd.Series(np.argsort(np.argsort(rng.normal(size=len(won)) + 1.5 * won)).astype(float)),
        "later_than_submit": (leads["submitted_at"] + pd.to_timedelta(delay, unit="D")).astype("str"),
        "same_as_revenue": labels["revenue"].fillna(0.0),
    }
    return planted[name]


@pytest.mark.parametrize(
    ("test", "strength"),
    [
        ("filled_after_outcome", "strong"),
        ("only_won", "strong"),
        ("single_column", "strong"),
        ("measured_over_life", "strong"),
        ("identifier", "strong"),
        ("later_than_submit", "strong"),
        ("same_as_revenue", "weak"),
    ],
)
def test_a_planted_leak_is_found(test: str, strength: str, world: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    leads, labels = world
    result = audit(leads.assign(**{"extras.planted": _planted(test, world)}), labels)
    assert {f.column for f in result.findings} == {"planted"}
    assert any(f.test == test and f.strength == strength for f in result.findings)


@pytest.mark.parametrize("hours", [0.0, 12.0, 22.0, 23.0, 18.5])
def test_timestamp_precision(world: tuple[pd.DataFrame, pd.DataFrame], hours: float) -> None:
    """A day without a time is at midnight, at noon, or at the midnight of another time zone."""
    leads, labels = world
    typed_in = leads["submitted_at"].dt.normalize() + pd.Timedelta(hours=hours)
    stamps = leads["submitted_at"].where(labels["state"].ne("won"), typed_in)
    result = audit(leads.assign(submitted_at=stamps), labels)
    traces = {(finding.column, finding.test, finding.strength) for finding in result.findings}
    assert traces == {("submitted_at", "timestamp_precision", "strong")}


def test_columns_of_only_one_form_are_not_suspected(world: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    leads, labels = world
    rng = np.random.default_rng(8)
    own_form = leads["source"].ne("c").to_numpy()
    need = leads["extras.need"].to_numpy()
    collected = {f"extras.seen_{i}": np.where(own_form, need + rng.normal(0, 2, len(leads)), np.nan) for i in range(4)}
    assert audit(leads.assign(**collected), labels).findings == ()
    at_random = rng.permutation(own_form)
    backfilled = {name: np.where(at_random, values, np.nan) for name, values in collected.items()}
    findings = audit(leads.assign(**backfilled), labels).findings
    assert {finding.test for finding in findings} <= {"filled_together"}


def test_stop_names_column_evidence_and_what_to_do(world: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    leads, labels = world
    result = audit(leads.assign(**{"extras.Owner": _planted("filled_after_outcome", world)}), labels)
    with pytest.raises(LeakageError, match=r"Owner.*100% of won and 0% of other.*ignore.*allow"):
        result.stop(allowed=())
    result.stop(allowed=("Owner",))


def test_too_few_wins_give_no_finding() -> None:
    leads = pd.DataFrame({"lead_id": ["a", "b"], "extras.x": [1.0, 2.0]})
    assert audit(leads, _final(np.array([True, False]))) == LeakageAudit((), wins=1)


def test_a_column_of_closed_deals_is_refused(world: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    leads, labels = world
    rng = np.random.default_rng(8)
    ages = rng.uniform(0.0, 300.0, len(labels))
    closed = labels["state"].eq("won") | (rng.random(len(labels)) < 0.6)
    labels = labels.assign(age_days=ages, state=labels["state"].where(closed, "open"))
    account = pd.Series(np.where(closed, "a", None), index=leads.index, dtype="str")
    result = audit(leads.assign(**{"extras.Account": account}), labels)
    (finding,) = [found for found in result.findings if found.test == "filled_at_closing"]
    assert (finding.column, finding.strength) == ("Account", "strong")
    assert "100% of closed and 0% of open leads" in finding.evidence
    with pytest.raises(LeakageError, match="Account"):
        result.stop(())
    assert not [found for found in audit(leads, labels).findings if found.test == "filled_at_closing"]
