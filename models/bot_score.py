"""Bot score: scorecard of the automation probability, separate from junk because agents of buyers are automated."""

from __future__ import annotations

from models.scorecard import Scorecard


def automation_scorecard() -> Scorecard:
    """Return the scorecard of `models/bot_score.toml`.

    Examples
    --------
    >>> import numpy as np
    >>> automation_scorecard().probability(np.array([[1.0]]), ("form_webdriver",)).round(2).tolist()
    [0.62]
    """
    return Scorecard.shipped("bot_score")
