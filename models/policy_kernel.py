"""Combine the results of the policy's rules to a verdict and to what refuses an MQL, row by row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.base import Vector
from models.compiled import compiled

Mask = NDArray[np.bool_]
Bounds = tuple[int, int, int, int, int]
"""First column of the rules, signs, profile and initiative among the results, and the number of columns.

Before them are the checks test_address, own_domain, bulk_import, own_submit, automated, and the honeypot.
"""

REVIEWED, REJECTED, HELD = 1, 2, 3
"""What the junk probability does: review, reject, or only review since nothing but software is seen."""

_TEST_ADDRESS, _OWN_DOMAIN, _BULK_IMPORT, _OWN_SUBMIT, _AUTOMATED, _HONEYPOT = range(6)


@compiled
def settle(
    holds: Mask,
    rules: tuple[Bounds, NDArray[np.int64]],
    scores: tuple[Vector, Mask, Vector],
    limits: tuple[float, float],
    known: tuple[bool, bool],
) -> NDArray[np.int64]:
    """Decide about n leads.

    Parameters
    ----------
    holds
        Which checks and entries hold, shape (n, columns).
    rules
        Where the columns are, and what each rule demands: 1 review, 2 reject.
    scores
        Junk probability, whether it is above the threshold of rejection, and earnings: vectors of shape (n,).
    limits
        Junk probability from which a person looks, and cost of a sales touch.
    known
        Whether profile and revenue are in the data at all; what is not cannot refuse.

    Returns
    -------
    Shape (3, n): verdict (0 accept, 1 review, 2 reject), effect of the junk probability (0 none), and the position
    of the first refusal in `models.policy.REFUSALS`, or -1.
    """
    bounds, ranks = rules
    junk, rejects, earned = scores
    codes = np.empty((3, len(holds)), dtype=np.int64)
    for row in range(len(holds)):
        held = holds[row]
        rank = 0
        for place in range(len(ranks)):
            if held[bounds[0] + place]:
                rank = max(rank, ranks[place])
        junk_rule = 0
        if junk[row] >= limits[0]:
            only_software = (held[_HONEYPOT] or held[_AUTOMATED]) and not held[bounds[1] : bounds[2]].any()
            junk_rule = REVIEWED
            if rejects[row]:
                junk_rule = HELD if only_software else REJECTED
            rank = max(rank, 2 if junk_rule == REJECTED else 1)
        no_profile = known[0] and not held[bounds[2] : bounds[3]].any()
        no_initiative = not held[bounds[3] : bounds[4]].any()
        refusals = (
            held[_TEST_ADDRESS],
            held[_OWN_DOMAIN],
            junk_rule > 0,
            rank == 2,
            held[_BULK_IMPORT] and no_initiative,
            no_initiative and no_profile,
            no_initiative,
            no_profile,
            known[1] and earned[row] <= limits[1],
        )
        codes[0, row] = rank
        codes[1, row] = junk_rule
        codes[2, row] = -1
        for place in range(len(refusals)):
            if refusals[place]:
                codes[2, row] = place
                break
    return codes
