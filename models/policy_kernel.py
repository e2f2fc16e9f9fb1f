"""Compiled decision loop of the policy: from rule results to verdict and MQL refusal."""

from __future__ import annotations

import numpy as np

from leadworth.arrays import Flags, Indices, Vector
from leadworth.compiled import compiled

Bounds = tuple[int, int, int, int, int]
"""First column of the rules, signs, profile and initiative in the results, and the number of columns.

The columns before them are test_address, own_domain, bulk_import, own_submit, automated and honeypot.
"""

REVIEWED, REJECTED, HELD = 1, 2, 3
"""Effect of the junk probability: review, reject, or review because the only evidence is automation."""

_TEST_ADDRESS, _OWN_DOMAIN, _BULK_IMPORT, _OWN_SUBMIT, _AUTOMATED, _HONEYPOT = range(6)


@compiled
def decide(
    holds: Flags,
    rules: tuple[Bounds, Indices],
    scores: tuple[Vector, Flags, Vector, Vector],
    thresholds: tuple[float, float, float],
    available: tuple[bool, bool],
) -> Indices:
    """Decide about n leads.

    Parameters
    ----------
    holds
        Which checks and entries hold, shape (n, columns).
    rules
        Bounds of the columns, and verdict of each rule: 1 review, 2 reject.
    scores
        Junk probability, whether it is above the rejection threshold, expected margin, and win probability: vectors of
        shape (n,).
    thresholds
        Minimum junk probability for review, cost of a sales touch, and minimum win probability of an MQL where the
        data have no revenue.
    available
        Whether the data have profile and revenue; refusals that need missing ones are skipped.

    Returns
    -------
    Shape (3, n): verdict (0 accept, 1 review, 2 reject), effect of the junk probability (0 none), and the index of
    the first refusal in `models.policy.REFUSALS`, or -1.
    """
    bounds, ranks = rules
    junk, rejects, margin, win = scores
    codes = np.empty((3, len(holds)), dtype=np.int64)
    for row in range(len(holds)):
        results = holds[row]
        rank = 0
        for rule in range(len(ranks)):
            if results[bounds[0] + rule]:
                rank = max(rank, ranks[rule])
        junk_rule = 0
        if junk[row] >= thresholds[0]:
            automation_only = (results[_HONEYPOT] or results[_AUTOMATED]) and not results[bounds[1] : bounds[2]].any()
            junk_rule = REVIEWED
            if rejects[row]:
                junk_rule = HELD if automation_only else REJECTED
            rank = max(rank, 2 if junk_rule == REJECTED else 1)
        no_profile = available[0] and not results[bounds[2] : bounds[3]].any()
        no_initiative = not results[bounds[3] : bounds[4]].any()
        refusals = (
            results[_TEST_ADDRESS],
            results[_OWN_DOMAIN],
            junk_rule > 0,
            rank == 2,
            results[_BULK_IMPORT] and no_initiative,
            no_initiative and no_profile,
            no_initiative,
            no_profile,
            available[1] and margin[row] <= thresholds[1],
            not available[1] and win[row] < thresholds[2],
        )
        codes[0, row] = rank
        codes[1, row] = junk_rule
        codes[2, row] = -1
        for refusal in range(len(refusals)):
            if refusals[refusal]:
                codes[2, row] = refusal
                break
    return codes
