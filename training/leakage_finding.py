"""Findings of the leakage audit, and the error that stops a training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from leadworth.errors import LeakageError
from training.remedies import ignore_or_allow

Strength = Literal["strong", "weak"]


@dataclass(frozen=True)
class LeakageFinding:
    """One trace of a leak.

    Attributes
    ----------
    column
        Column of the file, or standard field.
    test
        Name of the test.
    strength
        "strong" stops training; "weak" is only reported.
    evidence
        Measured values, as text.
    """

    column: str
    test: str
    strength: Strength
    evidence: str


@dataclass(frozen=True)
class LeakageAudit:
    """All findings of one audit.

    Examples
    --------
    >>> found = LeakageAudit((LeakageFinding("Tags", "single_column", "strong", "AUC 0.92 alone"),), wins=300)
    >>> found.refused(allowed=())
    ('Tags',)
    >>> found.refused(allowed=("Tags",))
    ()
    """

    findings: tuple[LeakageFinding, ...]
    wins: int

    def refused(self, allowed: Sequence[str]) -> tuple[str, ...]:
        """Return the columns with a strong finding that are not allowed."""
        strong = (finding.column for finding in self.findings if finding.strength == "strong")
        return tuple(column for column in dict.fromkeys(strong) if column not in allowed)

    def stop(self, allowed: Sequence[str]) -> None:
        """Raise LeakageError if a column is refused."""
        refused = self.refused(allowed)
        if not refused:
            return
        evidence = "; ".join(
            f"{finding.column}: {finding.evidence}" for finding in self.findings if finding.column in refused
        )
        excluded = {*refused, *allowed}
        weak = dict.fromkeys(f'"{finding.column}"' for finding in self.findings if finding.column not in excluded)
        raise LeakageError(
            f"columns that contain the outcome ({evidence})",
            do=ignore_or_allow(refused) + (f"; check also the weaker suspects: {', '.join(weak)}" if weak else ""),
        )
