"""Model card: all parts, and the parts that are missing."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.make_bundle import make_bundle
from training.evaluation import evaluate
from training.evaluation_metrics import METRICS
from training.forecast import Forecast
from training.gate_rules import GateDecision, GateRule
from training.holdout import Holdout
from training.model_card import facts_of, figures_of, model_card, model_page

BUNDLE = make_bundle()
N = 600
RNG = np.random.default_rng(2)
TRUTH = RNG.uniform(0.01, 0.5, N)
WON = RNG.random(N) < TRUTH
CHANNEL = np.where(RNG.random(N) < 0.95, "search", "fair").astype(object)
HOLDOUT = Holdout(
    won=WON & (CHANNEL == "search"),
    revenue=np.where(WON & (CHANNEL == "search"), 500.0, 0.0),
    visible=np.ones(N),
    visible_money=np.ones(N),
    channel=CHANNEL,
    group=CHANNEL,
    period=np.full(N, "2026-Q1", dtype=object),
    has_money=True,
)


def test_a_full_card_has_every_part() -> None:
    evaluations = {
        name: evaluate(name, Forecast(p, 500.0 * p), HOLDOUT)
        for name, p in (("leadworth", TRUTH), ("average lead", np.full(N, TRUTH.mean())))
    }
    card = model_card(
        {
            **facts_of(BUNDLE),
            **figures_of(evaluations, "leadworth"),
            "version": "3",
            "findings": [("Tags", "strong", "filled late", "filled for 99 % of the won")],
            "gate": GateDecision((GateRule(True, "log loss against average lead: better"),)).reasons,
            "backtest": [["2026-01-01", "2026-03-02", "120", "9", "8", "0.89 [0.44, 1.90]", "missing"]],
            "by_age": ("0.95 [0.80, 1.10]", "1.02 [0.60, 1.80]"),
            "notes": ("Half of the wins take 40 days",),
        }
    )
    for part in (
        "Purpose",
        "Data",
        "Labels",
        "Method",
        "Figures",
        "by channel",
        "Calibration",
        "Leakage audit",
        "Promotion gate",
        "Limits",
        "Policy",
        "Rolling back",
    ):
        assert part in card
    assert f"Version 3, bundle {BUNDLE.id[:12]}" in card
    assert evaluations["leadworth"].text(METRICS["auc"], with_interval=True) in card
    assert f"| average lead | {evaluations['average lead'].value('auc'):.3f} |" in card
    assert "| Tags | strong | filled late | filled for 99 % of the won |" in card
    assert "- pass  log loss against average lead: better" in card
    assert "| 2026-01-01 | 2026-03-02 | 120 | 9 | 8 | 0.89 [0.44, 1.90] | missing |" in card
    assert "- Half of the wins take 40 days" in card
    assert "win_probability x expected_revenue x margin > touch_cost" in card
    assert "| search |" in card
    fair = next(line for line in card.splitlines() if line.startswith("| fair |"))
    assert fair.endswith("| missing |")
    assert "Missing:" not in card


def test_missing_parts_are_named() -> None:
    card = model_card(facts_of(BUNDLE))
    assert card.count("Missing: the holdout has too few leads or wins") == 4
    assert "Missing: no audit was run" in card
    assert "Missing: the promotion gate has no result for this bundle" in card
    assert "Missing: no dates" in model_card({**facts_of(BUNDLE), "backtest_note": "no dates"})
    assert "Nothing suspicious was found." in model_card({**facts_of(BUNDLE), "findings": []})


def test_rows_of_a_table_have_the_same_number_of_columns() -> None:
    for card in (model_card(facts_of(BUNDLE)), model_card({**facts_of(BUNDLE), "findings": [("a|b", "b", "c", "d")]})):
        lines = card.splitlines()
        for before, line, after in zip(lines, lines[1:], lines[2:], strict=False):
            if line.startswith("|---"):
                assert before.count("|") == line.count("|") == after.count("|")


def test_the_page_is_one_file_with_pictures_and_without_markup_of_the_data() -> None:
    chart = '<svg width="9"><clipPath id="clip0"/><g clip-path="url(#clip0)"/></svg>'
    facts = {
        **facts_of(BUNDLE),
        "summary": ["600 leads: 90 won so far."],
        "remedies": ["add columns"],
        "findings": [("<script>alert(1)</script>", "weak", "fill", "filled for 9 % of won & 1 % of others")],
    }
    page = model_page(facts, {"gains": chart, "level": chart})
    assert "600 leads: 90 won so far." in page
    assert "<li>add columns</li>" in page
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert page.count("<svg") == 2
    assert 'id="gains-clip0"' in page
    assert "url(#level-clip0)" in page
    assert "src=" not in page
    assert "href=" not in page


@pytest.mark.parametrize("unit", ["", "wins", "EUR"])
def test_no_placeholder_is_shown(unit: str) -> None:
    facts = {**facts_of(BUNDLE), "unit": unit}
    for card in (model_card(facts), model_page(facts, {})):
        assert "XXX" not in card
        assert not re.search(r"\b(nan|inf|None)\b", card)
        assert ("EUR" in card) == (unit == "EUR")


def test_unreadable_cells_are_in_card_and_page() -> None:
    facts = {**facts_of(BUNDLE), "input_faults": [("outcomes", "Close|Date", 12, 4810)]}
    assert "| outcomes | Close/Date | 12 | 4,810 |" in model_card(facts)
    assert "Close|Date" in model_page(facts, {})
