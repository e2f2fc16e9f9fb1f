"""Payloads that real browsers left on the landing page, recorded by the drivers beside: result apart without one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.groups import feature_groups
from features.velocity_keys import behaviour_key
from leadworth.records import Lead
from models.bot_score import automation_scorecard
from models.log_odds import sigmoid

FOLDER = Path(__file__).parent / "payloads"
RECORDED = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
NAMES = tuple(feature.name for group in feature_groups() for feature in group.features)
BOTD_MISSES = {"playwright_without_webdriver", "puppeteer_stealth"}


def automation(name: str) -> float:
    """Return the automation probability of a recorded session, by the features and the scorecard of the product."""
    recorded = {key: value for key, value in RECORDED[name].items() if key != "botd"}
    lead = Lead(**recorded)
    cells = [
        cell for group in feature_groups() for cell in group.compute(*[getattr(lead, field) for field in group.inputs])
    ]
    row = np.array([cell if isinstance(cell, float) else np.nan for cell in cells])
    return float(sigmoid(automation_scorecard().log_odds(row.reshape(1, -1), NAMES))[0])


def payload(name: str) -> dict[str, Any]:
    return dict(json.loads(RECORDED[name]["lw_data"]))


@pytest.mark.parametrize("name", sorted(set(RECORDED) - {"person"}))
def test_what_drove_a_browser_is_called_automated(name: str) -> None:
    assert automation(name) >= 0.9


def test_a_hand_is_not() -> None:
    assert automation("person") < 0.5


def test_eight_ways_to_drive_a_browser_were_recorded_and_botd_missed_two() -> None:
    asked = {name: recorded["botd"] for name, recorded in RECORDED.items() if recorded.get("botd")}
    assert len(asked) == 8
    assert {name for name, result in asked.items() if not result["bot"]} == BOTD_MISSES


def test_no_session_holds_what_was_typed() -> None:
    for recorded in RECORDED.values():
        for word in ("Giulia", "ferri", "649", "sixty seats"):
            assert word.casefold() not in recorded["lw_data"].casefold()


def test_a_script_that_types_with_a_delay_has_the_rhythm_of_one() -> None:
    assert payload("playwright_type_slowly")["ik_cv"] < 0.25  # recorded on a busy machine; 0.04 on an idle one
    assert payload("person")["ik_cv"] > 0.5
    assert 90 < payload("person")["hold_med"] < 140


def test_ways_to_fill_in_are_told_apart_coarsely() -> None:
    slow, stealth = (
        behaviour_key(RECORDED[name]["lw_data"]) for name in ("playwright_type_slowly", "puppeteer_stealth")
    )
    assert slow is not None
    assert slow != stealth
