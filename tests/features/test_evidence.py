"""Evidence of how a form was sent: payload, token, headers, network, clicks, counts; people must not be hurt by it."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features import clicks, collector, email, headers, network, recent, token
from features.base import Group
from features.groups import feature_groups
from features.lists import List, dated_of, lists, lists_hash
from tests.features.cells import cells

PERSON = {
    "v": 1, "ms": 61_000, "first_ms": 4_000, "keys": 120, "chars": 110, "ik_med": 145, "ik_cv": 0.8, "hold_med": 104,
    "hold_cv": 0.27, "bs": 5, "paste": 0, "fill": 0, "tabs": 2, "fields": 5, "nofocus": 0, "dwell": 90, "mv": 210,
    "path": 2400, "straight": 0.4, "turn": 0.35, "cx": 0.31, "cy": 0.62, "gap": 240, "kind": "click", "untrusted": 0,
    "hp": 0, "hp_focus": 0, "hp_fill": 0, "scroll": 60, "vis": 1, "touch": 0, "auto": 0, "gl_soft": 0, "lie_gl": 0,
    "lie_brand": 0, "lie_tz": 0, "lie_ua": 0, "lie_screen": 0, "tz": "Europe/Rome", "lang": "it-IT",
}  # fmt: skip


def seen(seconds: float | None = 60.0, **changes: object) -> dict[str, object]:
    payload = {name: value for name, value in {**PERSON, **changes}.items() if value is not None}
    return dict(cells(collector.GROUP, json.dumps(payload), seconds))


def suspicious(found: dict[str, object]) -> set[str]:
    """Return the features that speak against a lead and are not 0."""
    against = {feature.name for feature in collector.GROUP.features if feature.junk == 1}
    return {name for name in against if isinstance(value := found[name], float) and value > 0}


def test_nothing_speaks_against_a_person() -> None:
    assert suspicious(seen()) == set()


@pytest.mark.parametrize(
    "people",
    [
        {"fill": 5, "keys": 0, "chars": 0, "hp": 1, "hp_fill": 1, "hp_focus": 0},  # password manager, honeypot included
        {"kind": "enter", "cx": None, "cy": None, "gap": None, "mv": 0},  # Enter key
        {"touch": 1, "mv": 0, "hold_med": 0, "hold_cv": 0.0, "keys": 60, "ik_med": 0},  # soft keyboard of Android
        {"mv": 0, "tabs": 9, "kind": "enter", "cx": None, "cy": None},  # keyboard only, screen reader
        {"paste": 5, "keys": 5, "chars": 0},  # an assistant copies from the CRM
        {"ms": 50_400_000},  # open overnight
        {"ga": None, "fbp": None, "tz": None, "lang": None},  # consent denied
    ],
)
def test_people_who_look_odd_are_not_suspected(people: dict[str, object]) -> None:
    assert suspicious(seen(**people)) == set()


@pytest.mark.parametrize(
    ("driver", "told"),
    [
        ({"auto": 1}, {"collector_automation"}),
        ({"untrusted": 3, "kind": "script"}, {"collector_untrusted_log"}),
        ({"nofocus": 5, "keys": 0}, {"collector_nofocus_share"}),
        ({"hp": 1, "hp_fill": 0, "hp_focus": 0}, {"collector_honeypot_blind"}),
        ({"mv": 1, "cx": 0.5, "cy": 0.491}, {"collector_click_dead_centre"}),
        ({"lie_gl": 1, "lie_brand": 1}, {"collector_lie_graphics", "collector_lie_brand", "collector_lies"}),
        ({"gl_soft": 1}, {"collector_software_graphics"}),
    ],
)
def test_software_is_told(driver: dict[str, object], told: set[str]) -> None:
    assert suspicious(seen(**driver)) == told


def test_rhythm_counts_at_a_desktop_only() -> None:
    assert seen(ik_med=54, hold_med=53)["collector_key_hold_log"] == pytest.approx(math.log1p(53))
    assert math.isnan(seen(touch=1, hold_med=0)["collector_key_hold_log"])  # type: ignore[arg-type]
    assert math.isnan(seen(keys=3)["collector_key_interval_log"])  # type: ignore[arg-type]


def test_clocks_of_server_and_browser_are_compared() -> None:
    assert seen(61.0)["collector_clock_gap_log"] == 0.0
    assert seen(3600.0)["collector_clock_gap_log"] == pytest.approx(math.log1p(3539))
    assert math.isnan(seen(None)["collector_clock_gap_log"])  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["{", "[]", "7", '{"v": 2, "keys": 3}', "x" * 20_000, '{"v":1', "\ud800"])
def test_what_cannot_be_read_says_so_and_nothing_else(text: str) -> None:
    found = cells(collector.GROUP, text, 5.0)
    assert found.pop("collector_malformed") == 1.0
    assert all(math.isnan(value) for value in found.values() if isinstance(value, float))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(PERSON)), JSON))
def test_any_payload_gives_finite_numbers_or_nothing(payload: dict[str, object]) -> None:
    text = json.dumps({**payload, "v": 1})
    for group in feature_groups():
        if "lw_data" in group.inputs:
            values = group.compute(*[text if name == "lw_data" else None for name in group.inputs])
            assert all(isinstance(value, float) and not math.isinf(value) for value in values)


def test_token_states() -> None:
    assert sum(cells(token.GROUP, "ok").values()) == 0.0  # type: ignore[arg-type]
    assert cells(token.GROUP, "bad-signature")["token_refused"] == 1.0
    assert cells(token.GROUP, "replayed")["token_replayed"] == 1.0
    expired = cells(token.GROUP, "expired")
    assert expired.pop("token_expired") == 1.0
    assert set(expired.values()) == {0.0}  # a cached page: unknown, not spam


CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36"
)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:149.0) Gecko/20100101 Firefox/149.0"
USUAL = "Host,Sec-CH-UA,User-Agent,Accept,Sec-Fetch-Site,Sec-Fetch-Mode,Accept-Encoding,Accept-Language"


def test_headers() -> None:
    assert cells(headers.GROUP, USUAL, CHROME) == {
        "headers_missing": 0.0, "headers_stripped": 0.0, "headers_odd_order": 0.0, "headers_count": 8.0,
    }  # fmt: skip
    gateway = cells(headers.GROUP, "Host,User-Agent,Accept,Accept-Encoding,Accept-Language", CHROME)
    assert (gateway["headers_missing"], gateway["headers_stripped"]) == (0.0, 3.0)
    assert math.isnan(cells(headers.GROUP, USUAL, FIREFOX)["headers_stripped"])  # type: ignore[arg-type]
    assert cells(headers.GROUP, "Host,Accept-Language,Accept", CHROME)["headers_odd_order"] == 1.0


def at(ip: str | None = None, **given: object) -> dict[str, object]:
    values = {"ip": ip, "ip_country": None, "asn": None, "country": None, "phone": None, "lw_data": None, **given}
    return dict(cells(network.GROUP, *[values[name] for name in network.GROUP.inputs]))


def test_address_abroad_is_told_and_a_relay_is_neutral() -> None:
    assert at("8.8.8.8", country="Italy")["network_country_elsewhere"] == 1.0
    assert at("8.8.8.8", country="USA")["network_country_elsewhere"] == 0.0
    relay = at("8.8.8.8", country="Italy", asn=36183.0, phone="+39 333 1234567", lw_data='{"v":1,"tz":"Europe/Rome"}')
    assert relay["network_neutral"] == 1.0
    assert all(math.isnan(relay[f"network_{name}_elsewhere"]) for name in ("country", "phone", "zone"))  # type: ignore[arg-type]
    assert relay["network_zone_country_elsewhere"] == 0.0


def test_networks_of_servers() -> None:
    assert at(asn=24940.0)["network_hosting"] == 1.0
    assert at(asn=3269.0)["network_hosting"] == 0.0
    assert math.isnan(at("10.0.0.1")["network_hosting"])  # type: ignore[arg-type]


def test_zone_that_several_countries_share() -> None:
    for country in ("Germany", "Denmark", "Sweden"):
        assert at(country=country, lw_data='{"v":1,"tz":"Europe/Berlin"}')["network_zone_country_elsewhere"] == 0.0
    assert at(country="Japan", lw_data='{"v":1,"tz":"UTC"}')["network_zone_utc"] == 1.0


PRECISE = "EAIaIQobChMI5_-Dv4bg2gIVFYizCh2aZQTiEAAYASAAEgKDB_D_BwE"


def test_age_of_a_click() -> None:
    clicked = datetime.fromtimestamp(clicks.gclid_seconds(PRECISE), UTC)
    names = [feature.name for feature in clicks.GROUPS[1].features]
    found = dict(zip(names, clicks.compute_age(PRECISE, clicked + timedelta(hours=5)), strict=True))
    assert found["click_age_log"] == pytest.approx(math.log1p(5.0))
    assert clicks.compute_age(PRECISE, clicked - timedelta(days=2))[2] == 1.0
    assert clicks.compute_age(PRECISE.lower(), clicked)[0] == 0.0


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", min_size=20, max_size=60))
def test_random_texts_hardly_ever_tell_a_time(text: str) -> None:
    assert math.isnan(clicks.gclid_seconds(text)) or text.startswith(("EAIaIQobChMI", "CjwKC", "Cj0KC"))


def test_cookies_that_disagree() -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    first = int((now - timedelta(days=9)).timestamp())
    assert clicks.compute_cookies(f'{{"v":1,"ga":{first},"fbp":{first + 2}}}', now)[2] == 1.0
    assert clicks.compute_cookies(f'{{"v":1,"ga":{first},"fbp":{first + 7200}}}', now)[2] == 0.0
    assert math.isnan(clicks.compute_cookies('{"v":1}', now)[2])  # type: ignore[arg-type]


@pytest.mark.parametrize(("domain", "slip"), [("gmial.com", 1), ("hotmial.com", 1), ("outlok.com", 1), ("acme.com", 0)])
def test_slips_of_large_providers(domain: str, slip: float) -> None:
    assert email.compute_typo(f"ada@{domain}") == (slip,)


def test_counts_saturate_and_are_monotone_for_junk() -> None:
    group: Group = recent.GROUPS[0]
    assert group.compute(1e9) == group.compute(1_000.0)
    assert all(feature.junk == 1 for group in recent.GROUPS[:-1] for feature in group.features)


def test_lists_are_dated_and_named_by_one_digest() -> None:
    assert {one.name for one in lists()} > {"networks.toml", "disposable-email-domains", "letters.txt"}
    assert len(lists_hash()) == 16
    assert all(len(one.digest) == 16 for one in lists())
    old = List("x", "1", datetime(2026, 1, 1, tzinfo=UTC).date(), "0" * 16, "MIT")
    assert old.stale(datetime(2026, 4, 2, tzinfo=UTC).date())
    assert not old.stale(datetime(2026, 4, 1, tzinfo=UTC).date())
    assert dated_of("0.0.293") is None
