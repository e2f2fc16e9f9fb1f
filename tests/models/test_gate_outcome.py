"""Why no version is champion."""

from __future__ import annotations

from datetime import datetime

import pytest

from models.gate_outcome import FAILED, GATE, GATE_LINES, GATE_REMEDIES, PASSED, why_no_champion

LINES = "\n".join(f"FAIL  cause {number}: AUC 0.5 [0.4, 0.6]; do it" for number in range(5))


@pytest.mark.parametrize(
    ("tags", "given", "do"),
    [
        ({GATE: PASSED}, "is not promoted", "`leadworth models promote 7`"),
        ({}, "was not evaluated by the promotion gate", "train again, or `leadworth models promote 7 --force"),
        (
            {GATE: FAILED, GATE_LINES: LINES},
            "did not pass the promotion gate: cause 0; cause 1; cause 2; and 2 more",
            "see the rules with `leadworth models show 7`",
        ),
        (
            {GATE: FAILED, GATE_LINES: LINES, GATE_REMEDIES: "do it\nor that"},
            "cause 0",
            "do it; or that, and train again",
        ),
    ],
)
def test_the_reason_and_the_remedy_follow_from_the_newest_version(tags: dict[str, str], given: str, do: str) -> None:
    reason, remedy = why_no_champion("leadworth", "7", datetime(2026, 11, 1), tags)
    assert reason.startswith("no model is in use: version 7 of leadworth, trained on 2026-11-01, ")
    assert given in reason
    assert remedy.startswith(do)
