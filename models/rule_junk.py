"""Junk probability by the shipped rules alone, for leads that no trained model has scored."""

from __future__ import annotations

import numpy as np
import pandas as pd

from features.lead_cells import LeadCells
from leadworth.arrays import Vector
from models.log_odds import sigmoid
from models.scorecard import Scorecard


def rule_junk_probability(leads: pd.DataFrame) -> Vector:
    """Return the junk probability of each lead, shape (n,), by the rules of `models/junk.toml`.

    It needs no outcomes, so that genuine leads can be counted before a CRM is connected. It is not calibrated to the
    share of junk of an installation, as a trained model is.

    Parameters
    ----------
    leads
        Lead table with standard fields.

    Examples
    --------
    >>> leads = pd.DataFrame({"email": ["ana.rossi@acme.it", "x@mailinator.com"]})
    >>> leads["message"] = ["A quote for 40 seats, please", "cheap seo backlinks"]
    >>> (rule_junk_probability(leads) > 0.5).tolist()
    [False, True]
    """
    cells, rows = LeadCells(leads, {}), np.arange(len(leads))
    spec = cells.fit_spec(rows)
    return sigmoid(Scorecard.shipped("junk").log_odds(cells.matrix(spec, rows), spec.names))
