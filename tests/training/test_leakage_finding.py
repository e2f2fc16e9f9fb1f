"""Findings of the audit, and the error that stops a training."""

from __future__ import annotations

import pytest

from leadworth.errors import LeakageError
from training.leakage_finding import LeakageAudit, LeakageFinding


def test_weak_suspects_are_named_with_the_strong_ones() -> None:
    result = LeakageAudit(
        (
            LeakageFinding("Tags", "single_column", "strong", "AUC 0.92"),
            LeakageFinding("Profile", "filled_together", "weak", "x"),
        ),
        300,
    )
    with pytest.raises(LeakageError, match=r'add "Tags" to .*weaker suspects: "Profile"$'):
        result.stop(allowed=())
    with pytest.raises(LeakageError, match=r"known at submit$"):
        result.stop(allowed=("Profile",))
