"""Column profiles: kinds of values and the decimal mark."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from crm.inference.column_profile import infer_decimal_mark, is_phone, profile_column


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["", ""], "empty"),
        (["web", "web"], "constant"),
        (["ada@example.org", "bob@example.com"], "email"),
        (["93.184.216.34", "2001:db8::1"], "ip"),
        (["Mozilla/5.0 (X11)", "curl/8.1"], "user_agent"),
        (["https://shop.example/x", "www.example.org"], "url"),
        (["fb.1.1700000000.AbCdEf", "fb.1.1700000001.GhIjKl"], "click_id"),
        (["2026-03-01", "2026-03-02"], "moment"),
        (["yes", "no", "yes"], "flag"),
        (["+39 333 1234567", "+49 30 901820"], "phone"),
        (["1.200,50 €", "900"], "number"),
        (["web", "fair"] * 5, "category"),
        (
            [
                "please call me back soon",
                "we need a quote today",
                "what does it cost then",
                "can you send the price list",
            ],
            "text",
        ),
        (["a7", "b9", "c4", "d1"], "code"),
    ],
)
def test_kinds(values: list[str], kind: str) -> None:
    assert profile_column("x", values).kind == kind


def test_counts_and_shares_ignore_missing_values() -> None:
    profile = profile_column("x", ["web", "", "fair", "web"])

    assert (profile.rows, profile.filled, profile.distinct) == (4, 0.75, 2)
    assert profile.counts == {"web": 2, "fair": 1}
    assert profile.example == "web"


@pytest.mark.parametrize(("value", "expected"), [("+39 333 1234567", True), ("12345", False), ("123456.75", False)])
def test_phone_numbers(value: str, expected: bool) -> None:
    assert is_phone(value) is expected


@pytest.mark.parametrize(
    ("values", "mark", "uncertain"),
    [
        (["1.200,50", "3,5"], ",", False),
        (["1,200.50", "3.5"], None, False),
        (["1.234", "5.678"], None, True),
        (["3,5", "4,5", "3.5"], ",", True),
        (["12", "17"], None, False),
    ],
)
def test_decimal_mark(values: list[str], mark: str | None, uncertain: bool) -> None:
    assert infer_decimal_mark([profile_column("x", values)])[::2] == (mark, uncertain)


@pytest.mark.parametrize(
    ("values", "unread"),
    [
        (["040624", "311224", "150125"], True),
        (["06h04 2024", "12h31 2024"], True),
        (["Contact form", "Phone call"], False),
        (["12", "250"], False),
        (["2024-06-04", "2024-12-31"], False),
    ],
)
def test_values_that_might_be_dates(values: list[str], unread: bool) -> None:
    assert profile_column("x", values).unread_dates is unread


def test_digits_and_other_notations_in_a_column_are_dates() -> None:
    days = [datetime(2024, 1, 3) + timedelta(days=5 * number) for number in range(100)]
    values = [day.strftime("%Y%m%d" if number % 3 else "%d/%m/%Y") for number, day in enumerate(days)]

    assert profile_column("Created", values).kind == "moment"
    assert profile_column("Amount", [*("1250", "990") * 40, "12.50 EUR", "3/4"]).dates is None
