"""Decisions: kept whole, computed again bit by bit, and a few of the rejected pass."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from leadworth.channel_groups import CHANNELS
from leadworth.key_derivation import key_for
from leadworth.records import Lead
from serving.scoring import ExplorationRate, decide
from store.decision_log import replayable
from tests.make_bundle import NOW, lead_of, make_bundle, make_leads
from tests.serving.running import settings_in

BUNDLE = make_bundle()
NONE, EVERY = ExplorationRate(0.0, b"key"), ExplorationRate(1.0, b"key")


def rejected() -> Lead:
    """Return a lead that the small bundle rejects."""
    leads = make_leads(300, seed=5)
    found = (lead_of(leads.iloc[row]) for row in range(len(leads)))
    return next(lead for lead in found if BUNDLE.score(lead, scored_at=NOW).verdict == "reject")


def test_the_digest_tells_features_apart() -> None:
    digests = [decide(BUNDLE, Lead(employees=count), NOW, NONE).features_hash for count in (5, 5, 6)]
    assert digests[0] == digests[1] != digests[2]


def test_the_age_is_an_argument_and_no_field_of_the_lead() -> None:
    assert decide(BUNDLE, Lead(), NOW, NONE, 30.0).age_days == 30.0
    assert decide(BUNDLE, Lead(age_days="30"), NOW, NONE).age_days is None


def test_a_share_of_the_rejected_passes_and_says_with_which_chance() -> None:
    lead = rejected()
    stopped, passed = decide(BUNDLE, lead, NOW, ExplorationRate(0.01, b"no")), decide(BUNDLE, lead, NOW, EVERY)
    assert (stopped.score["verdict"], stopped.would_be, stopped.propensity) == ("reject", "reject", 0.01)
    assert (passed.score["verdict"], passed.would_be, passed.propensity) == ("accept", "reject", 1.0)
    assert not passed.score["mql"]
    genuine = decide(BUNDLE, Lead(company="Acme", employees=50), NOW, EVERY)
    assert genuine.would_be == genuine.score["verdict"] != "reject"
    assert genuine.propensity == 1.0


def test_who_passes_is_settled_by_the_lead_and_the_key() -> None:
    passing, other = ExplorationRate(0.1, b"a key"), ExplorationRate(0.1, b"another")
    leads = [str(number) for number in range(20_000)]
    first = [passing.passes(lead) for lead in leads]
    assert first == [passing.passes(lead) for lead in leads]
    assert 0.09 < sum(first) / len(first) < 0.11
    both = sum(a and other.passes(lead) for a, lead in zip(first, leads, strict=True))
    assert both / len(leads) == pytest.approx(0.01, abs=0.004)


def test_a_decision_holds_all_that_explains_it(stored: tuple[TestClient, Any]) -> None:
    client, _ = stored
    with client.app.state.store.engine.connect() as connection:
        rows = list(replayable(connection, decision=None, lead=None, last=None))
    for row in rows:
        assert len(row["vector"]) == 8 * len(BUNDLE.spec.names)
        assert (row["alpha"], row["calibration_n"], row["threshold"]) == (0.005, 700, 2.5)
        assert len(row["lists_hash"]) == 16
        assert row["policy_version"] == BUNDLE.policy.version
        assert set(json.loads(row["answers"])) == {"rules", "signs", "profile", "initiative", "checks", "honeypot"}
    assert {row["source"] for row in rows} <= {"google", "linkedin", "fair", None}
    assert {row["channel"] for row in rows} <= set(CHANNELS)


def test_the_key_of_an_installation_is_made_once_and_by_purpose(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    first = key_for(settings, "form-token")
    assert first == key_for(settings, "form-token") != key_for(settings, "always-pass")
    file = tmp_path / ".leadworth" / "installation.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["installation.key"]


def test_scores_say_why_a_lead_is_suspected() -> None:
    score = BUNDLE.score(rejected(), scored_at=datetime.fromisoformat("2026-06-01T00:00:00+00:00"))
    doubts = [reason for reason in score.reasons if reason.kind == "junk"]
    assert doubts
    assert all(reason.contribution and reason.contribution > 0 for reason in doubts)
