"""Tokens of share links, and how long new links live."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from leadworth.settings import Settings
from serving.report.report_login import ReportSessions
from serving.report.share_link_tokens import MAX_TOKEN, ShareLinkTokens, new_link


def settings_with(secret: str) -> Settings:
    return Settings(currency="EUR", leads={}, secret=secret)


OWN = settings_with("a secret of thirty-two characters")
TOKENS = ShareLinkTokens(OWN)
LONG = "".join(hashlib.sha256(bytes([number])).hexdigest() for number in range(5))  # hardly compressible


def test_a_token_gives_its_link() -> None:
    assert TOKENS.link_id(TOKENS.token("ab12")) == "ab12"
    assert ShareLinkTokens(OWN).link_id(TOKENS.token("ab12")) == "ab12"


@pytest.mark.parametrize("token", ["", "ab12", ".", "ImFiMTIi.x", "a" * (MAX_TOKEN + 1)])
def test_other_texts_give_none(token: str) -> None:
    assert TOKENS.link_id(token) is None


def test_a_changed_token_gives_none() -> None:
    content, _, signature = TOKENS.token("ab12").rpartition(".")
    other = TOKENS.token("ab13").rpartition(".")[0]
    assert TOKENS.link_id(f"{other}.{signature}") is None
    assert TOKENS.link_id(f"{content}.{signature[::-1]}") is None


def test_tokens_of_another_secret_or_purpose_give_none() -> None:
    other = ShareLinkTokens(settings_with("another secret, also of 32 characters"))
    assert TOKENS.link_id(other.token("ab12")) is None
    assert TOKENS.link_id(ReportSessions(OWN).cookie("ab12")) is None


def test_a_signed_token_that_is_too_long_gives_none() -> None:
    assert len(TOKENS.token(LONG)) > MAX_TOKEN
    assert TOKENS.link_id(TOKENS.token(LONG)) is None


def test_a_new_link_ends_after_its_days() -> None:
    now = datetime(2026, 11, 28, 9, 40, tzinfo=UTC)
    first, second = (new_link("k1", "period=2026", money=False, days=7, now=now) for _ in range(2))
    assert (first.created_at, first.expires_at) == (
        "2026-11-28T09:40:00.000000+00:00",
        "2026-12-05T09:40:00.000000+00:00",
    )
    assert (first.created_by, first.query, first.money, first.revoked_at) == ("k1", "period=2026", False, None)
    assert len(first.link_id) == 24
    assert first.link_id != second.link_id
