from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.click_ids import GROUPS, compute_age, compute_cookies, gclid_seconds
from features.feature_group import Cell
from leadworth.platform_catalog import click_id_headers
from tests.features.cells import cells

GCLID = "EAIaIQobChMI" + "a" * 43
PRECISE = "EAIaIQobChMI5_-Dv4bg2gIVFYizCh2aZQTiEAAYASAAEgKDB_D_BwE"


def clicked(source: str | None, **ids: str) -> dict[str, Cell]:
    """Return the features of click ids."""
    return cells(GROUPS[0], *[{"source": source, **ids}.get(name) for name in GROUPS[0].inputs])


def test_the_click_id_of_every_platform_is_a_feature() -> None:
    assert set(click_id_headers()) - {"fbp"} <= set(GROUPS[0].inputs)  # fbp: of a browser, not of a click


def test_click_ids() -> None:
    values = clicked("google", gclid=GCLID, gbraid="0AAAAA")
    assert (values["click_platforms"], values["click_platform"]) == (1.0, "google")
    assert (values["click_gclid_valid"], values["click_source_conflict"]) == (1.0, 0.0)
    assert clicked("google", fbclid="IwAR1")["click_source_conflict"] == 1.0
    assert clicked("google", fbclid="IwAR1", gclid=GCLID)["click_platforms"] == 2.0
    assert clicked(None)["click_platforms"] == 0.0


@pytest.mark.parametrize("gclid", [GCLID.lower(), "test", "CjwKCA", "x" * 60])
def test_malformed_gclids(gclid: str) -> None:
    assert clicked("google", gclid=gclid)["click_gclid_valid"] == 0.0


def test_age_of_a_click() -> None:
    clicked_at = datetime.fromtimestamp(gclid_seconds(PRECISE), UTC)
    names = [feature.name for feature in GROUPS[1].features]
    values = dict(zip(names, compute_age(PRECISE, clicked_at + timedelta(hours=5)), strict=True))
    assert values["click_age_log"] == pytest.approx(math.log1p(5.0))
    assert compute_age(PRECISE, clicked_at - timedelta(days=2))[2] == 1.0
    assert compute_age(PRECISE.lower(), clicked_at)[0] == 0.0


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", min_size=20, max_size=60))
def test_random_texts_contain_no_time(text: str) -> None:
    assert math.isnan(gclid_seconds(text)) or text.startswith(("EAIaIQobChMI", "CjwKC", "Cj0KC"))


def test_cookies_agree_within_a_minute() -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    first = int((now - timedelta(days=9)).timestamp())
    assert compute_cookies(f'{{"v":1,"ga":{first},"fbp":{first + 2}}}', now)[2] == 1.0
    assert compute_cookies(f'{{"v":1,"ga":{first},"fbp":{first + 7200}}}', now)[2] == 0.0
    assert math.isnan(compute_cookies('{"v":1}', now)[2])  # type: ignore[arg-type]
