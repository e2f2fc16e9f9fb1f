"""Decision units: accounts, and their expected value."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.decision_units import MOST_OF_A_PERSON, decision_units, same_decision_as_a_win, unit_factors


def leads(*rows: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows)).reindex(columns=["email", "phone", "country"])


def test_explicit_accounts_come_before_addresses_and_domains() -> None:
    table = leads(
        {"email": "ada@acme.example"},
        {"email": "bob@acme.example"},
        {"email": "carl@acme.example"},
        {"email": "ada@acme.example"},
    )
    # Two accounts share the domain: it decides nothing for the third lead; the address of the fourth does.
    assert decision_units(table, ["north", "south", None, None]).tolist() == [0, 1, 2, 0]


def test_a_phone_joins_people_of_free_mail_in_any_notation() -> None:
    table = leads(
        {"email": "ada@gmail.com", "phone": "+39 06 1234 5678", "country": "IT"},
        {"email": "a.l@gmx.net", "phone": "0612345678", "country": "IT"},
        {"email": "eve@gmail.com"},
    )
    assert decision_units(table).tolist() == [0, 0, 1]


def test_a_number_of_many_leads_identifies_nobody() -> None:
    rows = [{"email": f"u{n}@gmail.com", "phone": "+390612345678"} for n in range(MOST_OF_A_PERSON + 1)]
    assert len(set(decision_units(leads(*rows)).tolist())) == len(rows)


def test_leads_without_any_identity_stay_apart() -> None:
    assert decision_units(leads({}, {}, {})).tolist() == [0, 1, 2]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "a@x.example", "b@x.example", "c@y.example", "d@gmail.com"]),
            st.sampled_from(["", "+390612345678", "+390687654321"]),
            st.sampled_from([None, "one", "two"]),
        ),
        max_size=12,
    )
)
def test_leads_of_one_account_are_one_unit_and_accounts_are_never_joined(
    rows: list[tuple[str, str, str | None]],
) -> None:
    table = leads(*({"email": email, "phone": phone} for email, phone, _ in rows)).astype(object)
    accounts = [account for _, _, account in rows]
    units = decision_units(table, accounts).tolist()
    by_account = {
        account: {unit for unit, name in zip(units, accounts, strict=True) if name == account}
        for account in ("one", "two")
    }
    assert all(len(found) <= 1 for found in by_account.values())
    assert not by_account["one"] & by_account["two"]


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0.0, 0.99)), min_size=1, max_size=12))
def test_the_value_of_a_unit_rises_with_each_lead_and_never_exceeds_one_deal(rows: list[tuple[int, float]]) -> None:
    units = np.array([unit for unit, _ in rows])
    win = np.array([p for _, p in rows])
    sums = np.bincount(units, weights=unit_factors(units, win) * win, minlength=4)
    assert (sums <= 1.0 + 1e-12).all()
    more = np.append(units, 0), np.append(win, 0.5)
    raised = np.bincount(more[0], weights=unit_factors(*more) * more[1], minlength=4)
    assert raised[0] >= sums[0] - 1e-12
    np.testing.assert_allclose(raised[1:], sums[1:])


def test_seven_leads_of_one_company() -> None:
    factors = unit_factors(np.zeros(7, dtype=np.int64), np.full(7, 0.1))
    assert (factors * 0.1 * 20_000).sum() == pytest.approx((1 - 0.9**7) * 20_000)


def test_a_lead_after_the_win_is_a_decision_of_its_own() -> None:
    submitted = pd.Series(pd.to_datetime(["2026-01-01", "2026-01-02", "2026-03-01", "2026-01-01"], utc=True))
    won_at = pd.Series([pd.Timestamp("2026-02-01", tz="UTC"), pd.NaT, pd.NaT, pd.NaT])
    won = np.array([True, False, False, False])
    units = np.array([0, 0, 0, 1])
    assert same_decision_as_a_win(units, won, submitted, won_at).tolist() == [False, True, False, False]
