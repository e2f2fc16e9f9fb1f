"""Served skew: inputs that the latest leads lack when they are scored, though the history has them.

Two sources say what is there when leads are scored: the latest leads of the history, as the code that scores files
computes their features; and the decision log of the running service. An input that no decision of the champion had is
removed from the latest leads before their features are computed, so that both are one comparison, and the effect on
money is that on the challenger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pandas as pd

from leadworth.arrays import Matrix
from leadworth.settings import Settings
from models.bundle import Bundle
from monitoring.input_skew import MAX_ROWS, always_missing, input_skew
from monitoring.skew_finding import SkewFinding, SkewKind
from store.engine import is_new, open_store
from store.recent_decisions import vectors

LATEST = timedelta(days=45)


@dataclass(frozen=True)
class ServedInputs:
    """Comparison of the latest leads, as they are scored, with the leads of a training.

    Attributes
    ----------
    findings
        Inputs that differ and change the predicted value, the largest effect first.
    unserved
        Inputs that no decision of the running service had.
    """

    findings: Sequence[SkewFinding]
    unserved: frozenset[str]

    @property
    def stopping(self) -> list[tuple[str, str]]:
        """A sentence for each input that is always missing when leads are scored, and what to do."""
        return [
            (self.sentence(finding), finding.remedy)
            for finding in self.findings
            if finding.kind is SkewKind.ALWAYS_MISSING
        ]

    @property
    def others(self) -> list[SkewFinding]:
        """The findings about inputs that are not always missing."""
        return [finding for finding in self.findings if finding.kind is not SkewKind.ALWAYS_MISSING]

    def sentence(self, finding: SkewFinding) -> str:
        """Return a finding as one sentence, without a full stop."""
        if finding.input in self.unserved:
            return finding.sentence(f"leads that the service scored in the last {LATEST.days} days")
        return finding.sentence(f"leads of the latest {LATEST.days} days, as they are scored")


def served_inputs(training: Bundle, leads: pd.DataFrame, settings: Settings, champion: Bundle | None) -> ServedInputs:
    """Compare the latest leads of a history, as they are scored, with the leads of the training.

    Parameters
    ----------
    training
        Bundle trained on the history.
    leads
        Leads of the history.
    settings
        Location of the decision log, and `skew_limit`.
    champion
        Model that the running service scores with; None: there is none.
    """
    recent = latest_leads(leads)
    unserved = _unserved(settings, champion) if champion is not None else frozenset()
    inputs = training.reference.inputs if training.reference else {}
    absent = [field for name in unserved if name in inputs for field in inputs[name].fields]
    as_served = training.spec.matrix(recent.drop(columns=absent, errors="ignore"))
    return ServedInputs(served_skew(training, as_served, settings.skew_limit), unserved)


def served_skew(training: Bundle, as_served: Matrix, limit: float) -> list[SkewFinding]:
    """Return the inputs of the latest leads, as they are scored, that differ from the leads of the training.

    Parameters
    ----------
    training
        Bundle trained on the history.
    as_served
        Features of `latest_leads`, as the code that scores leads computes them, shape (rows, n_features).
    limit
        See `monitoring.input_skew.input_skew`.
    """
    return input_skew(training, as_served, limit=limit)


def latest_leads(leads: pd.DataFrame) -> pd.DataFrame:
    """Return the leads of the latest 45 days; none where the leads have no dates."""
    submitted = leads["submitted_at"]
    recent: pd.DataFrame = leads.loc[submitted > submitted.max() - LATEST]
    return recent


def _unserved(settings: Settings, champion: Bundle) -> frozenset[str]:
    """Return the inputs that no decision of the champion in the last 45 days had; none without decisions."""
    with open_store(settings) as engine:
        if is_new(engine):
            return frozenset()
        with engine.connect() as connection:
            decided = vectors(connection, champion.id, MAX_ROWS, datetime.now(UTC) - LATEST)
    return frozenset(always_missing(champion, decided.matrix))
