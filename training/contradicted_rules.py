"""Rules of junk that the outcomes contradict: they hold for engaged leads as often as for others.

Anonymised addresses, phone numbers of a test range or masked names make a rule hold for every lead, buyers included.
Such a rule is no sign of junk in these data, and is switched off for the model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from leadworth.arrays import Flags, Vector
from models.junk_model import FEW_LABELS, JunkLabels

LEAST_HITS = 5
LEAST_SHARE = 0.05
"""Share of the engaged leads; a rule that holds for fewer of them costs little."""
LEAST_RATIO = 0.5
"""A sign of junk is clearly rarer among engaged leads than this, relative to the others."""
_CONFIDENCE = 1.645


def contradicted(holds: Flags, labels: JunkLabels) -> Flags:
    """Return which rules the outcomes contradict, shape (rules,).

    The others are the leads that people labelled junk, or all leads that are not engaged where fewer than 30 are
    labelled. A rule is contradicted if the 95 % lower limit of the ratio of its share among engaged leads to that among
    the others is at least 0.5.

    Parameters
    ----------
    holds
        Which rules hold, shape (n, rules).
    labels
        Labels of people of the same n leads.

    Examples
    --------
    >>> engaged = np.repeat([True, False], 100)
    >>> holds = np.column_stack([np.ones(200), np.repeat([0, 1], 100)]).astype(bool)
    >>> labels = JunkLabels(~engaged, engaged, np.zeros(200), np.arange(200))
    >>> contradicted(holds, labels).tolist()
    [True, False]
    """
    engaged = labels.engaged
    others = labels.junk & ~engaged
    if others.sum() < FEW_LABELS:
        others = ~engaged if (~engaged).sum() >= FEW_LABELS else np.ones(len(engaged), dtype=bool)
    hits = holds[engaged].sum(axis=0)
    log_share, variance = _log_share(holds, engaged)
    log_other, other_variance = _log_share(holds, others)
    limit = log_share - log_other - _CONFIDENCE * np.sqrt(variance + other_variance)
    often = (hits >= LEAST_HITS) & (hits >= LEAST_SHARE * engaged.sum())
    result: Flags = often & (limit >= np.log(LEAST_RATIO))
    return result


def sentences(rules: Sequence[str], holds: Flags, labels: JunkLabels, texts: Mapping[str, str]) -> list[str]:
    """Return a sentence for each contradicted rule.

    Parameters
    ----------
    rules
        Ids of the contradicted rules.
    holds
        Which of them hold, shape (n, rules).
    labels
        Labels of the same n leads.
    texts
        Sentence of each rule, by id.
    """
    buyers = int(labels.engaged.sum())
    return [
        f"rule {name} ({texts[name]}) holds for {int(held[labels.engaged].sum()):,} of {buyers:,} engaged leads, "
        "as often as for the others, so it is no sign of junk here"
        for name, held in zip(rules, holds.T, strict=True)
    ]


def _log_share(holds: Flags, rows: Flags) -> tuple[Vector, Vector]:
    """Return the logarithm of the share of the rows on which each rule holds, and its variance."""
    total = rows.sum() + 1.0
    hits = holds[rows].sum(axis=0) + 0.5
    return np.log(hits / total), 1.0 / hits - 1.0 / total
