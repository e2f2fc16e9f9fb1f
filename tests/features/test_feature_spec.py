from __future__ import annotations

import json
import math
import pickle
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.feature_group import Kind
from features.feature_spec import FeatureSpec
from features.lead_cells import fit_spec
from leadworth.errors import BundleError
from leadworth.records import Lead, fields_of
from tests.features.leads import lead_table, payloads

EXTRAS: dict[str, Kind] = {"City": "categorical", "TotalVisits": "numeric", "Wish": "text", "country": "categorical"}

TEXTS = st.sampled_from(
    [
        "ada@gmail.com",
        "info@acme.example",
        "test@test.com",
        "[email protected]",
        "x+y@sub.mailinator.com",
        "a@b@c",
        "@",
        "a@",
        "Ada",
        "McDonald",
        "xKqZvWpT",
        "김민준",
        "Łukasz",
        "test",
        "+39 333 1234567",
        "030 901820",
        "555-5555",
        "+999999",
        "1-800-FLOWERS",
        "Italy",
        "DE",
        "Acme GmbH",
        "none",
        "https://www.acme.de/a?b=c",
        "http://",
        "://",
        "/",
        "?",
        "Head of Marketing",
        "대표이사",
        "What is the price? SEO backlinks, guest post x.y",
        "первая cена",
        "google",
        " Google ",
        "python-requests/2.32",
        "HeadlessChrome",
        "de-AT,de;q=0.9",
        "\u0000",
        "\ud800",
        "\u200b",
        "İ",
        "ﬁ",
        "x" * 20_000,
        "+" * 50,
        "yes",
        "no",
        "nan",
        "None",
        "1,5",
        "50-100",
        "1e400",
        "-3",
        "2026-03-01T10:00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59",
        "",
    ]
)
ANYTHING = st.one_of(
    st.none(),
    TEXTS,
    st.text(max_size=40),
    st.emails(),
    st.integers(-10, 10**12),
    st.integers(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.booleans(),
    st.datetimes(),
    st.binary(max_size=5),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=1),
)
NAMES = [name for name in Lead.model_fields if name != "lead_id"]
ROWS = st.lists(
    st.dictionaries(st.sampled_from([*NAMES, "City", "TotalVisits", "Wish"]), ANYTHING), min_size=1, max_size=6
)


def history(rows: int = 60) -> list[dict[str, Any]]:
    """Return leads with a value in each field."""
    pool = np.random.default_rng(5)
    text = [
        ["ada@acme.example", "bob@gmail.com", "info@mailinator.com"],
        ["google", "bing", "rare"],
        ["+39 333 1234567", "030 901820", "12"],
        ["What is the price?", "SEO backlinks http://x.y"],
    ]
    leads = []
    for number in range(rows):
        row: dict[str, Any] = {name: str(pool.choice(text[pool.integers(len(text))])) for name in fields_of("text")}
        row |= {name: float(pool.integers(0, 9)) for name in fields_of("number")}
        row |= {name: bool(pool.integers(2)) for name in (*fields_of("flag"), *fields_of("consent"))}
        row |= {"submitted_at": f"2026-03-{1 + number % 28:02}T{number % 24:02}:30:00Z", "lead_id": str(number)}
        row |= {
            "City": ["Rome", "Oslo", f"rare{number}"][number % 3],
            "TotalVisits": number,
            "Wish": "price" if number % 2 else None,
        }
        leads.append(row)
    return leads


@pytest.fixture(scope="module")
def spec() -> FeatureSpec:
    return fit_spec(lead_table(history(), EXTRAS), EXTRAS)


@pytest.mark.filterwarnings("error")
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(rows=ROWS)
def test_one_lead_and_a_table_have_the_same_values(spec: FeatureSpec, rows: list[dict[str, Any]]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        alone = np.array([spec.vector(Lead(**row)) for row in rows])
        together = spec.matrix(lead_table(rows, EXTRAS))
    np.testing.assert_array_equal(alone, together)
    assert not np.isinf(alone).any()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lw_data=payloads(), seconds=st.none() | st.floats(0, 1e6))
def test_any_payload_has_finite_features(spec: FeatureSpec, lw_data: str, seconds: float | None) -> None:
    row = {"lw_data": lw_data, "form_seconds": seconds}
    alone = spec.vector(Lead(**row))
    assert not np.isinf(alone).any()
    np.testing.assert_array_equal(alone, spec.matrix(lead_table([row], EXTRAS))[0])


@settings(max_examples=40, deadline=None)
@given(rows=ROWS)
def test_a_spec_fits_any_table_and_describes_its_values(rows: list[dict[str, Any]]) -> None:
    table = lead_table(rows, EXTRAS)
    spec = fit_spec(table, EXTRAS)
    assert FeatureSpec.from_json(spec.to_json()) == spec
    for name, value in zip(spec.names, spec.matrix(table)[0], strict=True):
        assert spec.describe(name, float(value))


def test_a_table_evaluated_by_combination_equals_its_rows(spec: FeatureSpec) -> None:
    rows = history(400) * 3
    np.testing.assert_array_equal(
        spec.matrix(lead_table(rows, EXTRAS)), np.array([spec.vector(Lead(**row)) for row in rows])
    )


def test_chunks_do_not_change_values(spec: FeatureSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    table = lead_table(history(50), EXTRAS)
    whole = spec.matrix(table)
    monkeypatch.setattr("features.feature_compiler.CHUNK_ROWS", 7)
    np.testing.assert_array_equal(whole, spec.matrix(table))


def test_values_do_not_depend_on_dtypes(spec: FeatureSpec) -> None:
    table = lead_table(history(50), EXTRAS)
    other = table.astype(
        {"source": "category", "message": "object", "visits": "Int64", "submitted_at": "datetime64[ns, Europe/Rome]"}
    )
    np.testing.assert_array_equal(spec.matrix(table), spec.matrix(other))


def test_an_empty_table_has_no_rows(spec: FeatureSpec) -> None:
    assert spec.matrix(lead_table(history(3), EXTRAS).iloc[:0]).shape == (0, len(spec.names))


def test_a_table_without_columns_equals_an_empty_lead(spec: FeatureSpec) -> None:
    np.testing.assert_array_equal(spec.matrix(pd.DataFrame(index=range(2)))[1], spec.vector(Lead()))


def test_absent_and_constant_features_are_left_out_except_those_of_rules() -> None:
    rows = [{"email": f"p{n}@acme.example", "visits": n, "employees": 5} for n in range(9)]
    spec = fit_spec(lead_table(rows, {}), {})
    assert "initiative_visits" in spec.names
    assert {"email_disposable", "email_free", "email_role", "email_test"} <= set(spec.names)
    assert "profile_employees_log" not in spec.names
    assert not [name for name in spec.names if name.startswith(("phone_", "message_", "campaign_"))]


def test_each_field_keeps_the_features_of_rules(spec: FeatureSpec) -> None:
    row = {"email": "a@b.example", "phone": "1", "first_name": "Ada", "message": "hi", "form_seconds": 1, "source": "s"}
    row |= {"honeypot_filled": False, "webdriver": False, "user_agent": "x"}
    constant = fit_spec(lead_table([row] * 4, {}), {})
    required = {
        "email_disposable",
        "email_free",
        "email_test",
        "email_role",
        "phone_valid",
        "name_gibberish",
        "message_urls",
        "form_seconds_log",
        "form_honeypot",
        "form_webdriver",
        "form_agent_automated",
        "campaign_source",
    }
    assert required <= set(constant.names)
    assert required <= set(spec.names)


def test_a_field_that_training_lacked_is_missing() -> None:
    rows = [{"phone": phone} for phone in ("030 901820", "+39 333 1234567", "5", "030 901821")]
    spec = fit_spec(lead_table(rows, {}), {})
    valid = spec.names.index("phone_valid")
    assert math.isnan(spec.vector(Lead(phone="030 901820", country="DE"))[valid])
    assert math.isnan(spec.matrix(lead_table([{"phone": "030 901820", "country": "DE"}], {}))[0, valid])


def test_rare_and_unseen_categories_share_a_code() -> None:
    rows = [{"source": source} for source in ["google"] * 20 + ["Bing "] * 10 + ["once", "twice", None]]
    spec = fit_spec(lead_table(rows, {}), {})
    column = spec.names.index("campaign_source")
    codes = [spec.vector(Lead(source=source))[column] for source in (" GOOGLE", "bing", "once", "never seen", None)]
    assert codes[:4] == [0.0, 1.0, 2.0, 2.0]
    assert math.isnan(codes[4])
    assert [spec.describe("campaign_source", code) for code in codes] == [
        "Source: google",
        "Source: bing",
        "Source: rare value",
        "Source: rare value",
        "Source: unknown",
    ]


def test_a_value_that_training_did_not_see_is_not_called_unknown_alone_and_in_a_table() -> None:
    spec = fit_spec(lead_table([{"source": source} for source in ["fair"] * 20 + ["bing"] * 10], {}), {})
    column = spec.names.index("campaign_source")
    rows = spec.matrix(lead_table([{"source": "google"}, {"source": None}], {}))[:, column]
    for alone, together in ((spec.vector(Lead(source="google")), rows[0]), (spec.vector(Lead()), rows[1])):
        assert alone[column].tobytes() == together.tobytes()
    assert [spec.describe("campaign_source", float(value)) for value in rows] == [
        "Source: not seen in training",
        "Source: unknown",
    ]


def test_the_order_of_rows_and_columns_does_not_change_the_spec() -> None:
    table = lead_table(history(), EXTRAS)
    shuffled = table.sample(frac=1, random_state=1)[sorted(table.columns)]
    backwards = dict(reversed(EXTRAS.items()))
    assert fit_spec(table, EXTRAS).to_json() == fit_spec(shuffled, backwards).to_json()


def test_the_hash_depends_on_the_content(spec: FeatureSpec) -> None:
    assert FeatureSpec.from_json(spec.to_json()).hash == spec.hash
    assert fit_spec(lead_table(history(59), EXTRAS), EXTRAS).hash != spec.hash
    assert pickle.loads(pickle.dumps(spec)) == spec


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 2}, "format 2"),
        ({"names": ["email_valid", "email_colour"]}, "email_colour"),
        ({"fields": ["email"]}, "hash"),
        ({"groups": {"email": 99}}, "other definitions of email"),
    ],
)
def test_a_changed_spec_is_refused(spec: FeatureSpec, change: dict[str, Any], message: str) -> None:
    text = json.dumps({**json.loads(spec.to_json()), **change})
    with pytest.raises(BundleError, match=message):
        FeatureSpec.from_json(text)


@pytest.mark.parametrize("text", ["", "[]", "{}", "3", "null", '{"format": 1}'])
def test_text_that_is_not_a_spec_is_refused(text: str) -> None:
    with pytest.raises(BundleError):
        FeatureSpec.from_json(text)


def test_monotone_constraints(spec: FeatureSpec) -> None:
    constrained = {name: sign for name, sign in zip(spec.names, spec.monotone(), strict=True) if sign}
    assert constrained == {
        "email_disposable": -1,
        "email_test": -1,
        "form_honeypot": -1,
        "initiative_downloads": 1,
        "initiative_webinars": 1,
        "initiative_pricing_views": 1,
        "initiative_demo": 1,
    }


def test_a_spec_knows_what_its_features_need() -> None:
    leads = pd.DataFrame({"lead_id": ["1", "2"], "email": ["a@acme.example", "b@gmail.com"], "ip": ["1.1.1.1", None]})
    assert fit_spec(leads, {}).needs == {"lead"}  # those of the network read the collector's data where it is there
    counted = leads.assign(recent_ip_10m=[0.0, 3.0], lw_data=['{"v":1,"keys":9}', "{"])
    assert fit_spec(counted, {}).needs == {"lead", "collector", "velocity"}
