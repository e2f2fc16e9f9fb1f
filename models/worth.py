"""What a lead is worth: the learned part of a bundle, on matrices only.

win probability = (1 - junk) x g, with g the calibrated chance of a genuine lead to win within the
horizon. Of a lead still open after t days it is p S / (p S + (1 - p) L), where S is the chance that a
winner and L that a loser is still open (L = 1 where sales never closes lost leads); both refer to the
horizon, so that a lead past it cannot win. Its expected revenue rises where large deals are slow.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from leadworth.errors import BundleError
from models.base import Matrix, Vector, sigmoid
from models.calibration import Platt
from models.closing import Closing, Curve
from models.combine_kernel import Line, combine
from models.delay import Delay
from models.forest_kernel import Forest
from models.guarantee import Guarantee
from models.junk import Junk
from models.revenue import Revenue
from models.rule_kernel import RuleTable
from models.scorecard import Scorecard
from models.trees import Trees

TERMS = ("junk", "age")
"""What is added to the log-odds beside the features: the chance of junk, and the time that a lead has been open."""


@dataclass(frozen=True)
class Prediction:
    """What is predicted of each lead; every vector has shape (n,).

    `expected_revenue` is that of a win, in the currency of the history.
    """

    win_log_odds: Vector
    junk_log_odds: Vector
    win_probability: Vector
    expected_revenue: Vector
    junk_probability: Vector
    automation_probability: Vector


@dataclass(frozen=True)
class Worth:
    """The models of one bundle.

    Parameters
    ----------
    names
        Features, in the order of the matrix' columns.
    channel
        Column that holds the channel's code, or None.
    intercept, win, platt
        Log-odds of g: platt applied to intercept + margin of the trees.
    junk
        Learned model, or scorecard where labels were few.
    revenue
        Expected revenue of a win.
    delay, closing
        When winners win and losers are closed; without `delay` the age of a lead is not used.
    automation
        Scorecard of the automation probability.
    guarantee
        How high the junk log-odds may rise, and what is promised about genuine buyers.
    """

    names: tuple[str, ...]
    channel: int | None
    intercept: float
    win: Trees
    platt: Platt
    junk: Junk | Scorecard
    revenue: Revenue
    delay: Delay | None
    closing: Closing
    automation: Scorecard
    guarantee: Guarantee

    def predict(self, matrix: Matrix, age_days: Vector | None = None) -> Prediction:
        """Predict leads at submit, or open leads of a known age.

        Parameters
        ----------
        matrix
            Features, shape (n, n_features).
        age_days
            Days since submit of leads that are still open, shape (n,); nan or None: at submit.
        """
        return self._finish(matrix, self._forest.margins(matrix), age_days)[0]

    def explain(self, matrix: Matrix, age_days: Vector | None = None) -> tuple[Prediction, Matrix]:
        """Predict, and say what each feature and each of `TERMS` adds to the log-odds.

        Returns
        -------
        tuple
            Prediction, and contributions, shape (n, n_features + 2); the last two columns are `TERMS`.
            `baseline` and a row of contributions add up to `win_log_odds`.
        """
        margins, features = self._forest.contributions(matrix, 0)
        prediction, terms = self._finish(matrix, margins, age_days)
        contributions = np.empty((len(matrix), features.shape[1] + len(TERMS)))
        np.multiply(features, self.platt.slope, out=contributions[:, : features.shape[1]])
        contributions[:, features.shape[1] :] = terms
        return prediction, contributions

    @cached_property
    def baseline(self) -> float:
        """Log-odds of g of the mean training lead, from which the contributions start."""
        return self.platt.shift + self.platt.slope * (self.intercept + self.win.baseline)

    @cached_property
    def _forest(self) -> Forest:
        """The trees of win, revenue and junk (none where junk is a scorecard)."""
        junk = self.junk.trees.structure if isinstance(self.junk, Junk) else ()
        return Forest.of([self.win.structure, self.revenue.trees.structure, junk])

    @cached_property
    def _cards(self) -> tuple[RuleTable, Vector]:
        """The rules of junk and automation, and the log-odds where none holds."""
        junk = self.junk.rules if isinstance(self.junk, Junk) else self.junk
        additions = [*junk.additions(self.names, 0), *self.automation.additions(self.names, 1)]
        return RuleTable.of(additions), np.array([junk.base_log_odds, self.automation.base_log_odds])

    @cached_property
    def _lines(self) -> tuple[Line, Line, Line]:
        """Intercept, shift and slope that turn margins into log-odds of g, log size and log-odds of junk."""
        shift, slope = (self.junk.shift, self.junk.slope) if isinstance(self.junk, Junk) else (0.0, 1.0)
        genuine = self.intercept, self.platt.shift, self.platt.slope
        return genuine, (self.revenue.intercept, 0.0, 1.0), (0.0, shift, slope)

    def _finish(self, matrix: Matrix, margins: Matrix, age_days: Vector | None) -> tuple[Prediction, Matrix]:
        """Return the prediction, and the terms "junk" and "age", shape (n, 2)."""
        rows = len(matrix)
        channel = None if self.channel is None else np.ascontiguousarray(matrix[:, self.channel])
        rules, bases = self._cards
        cards = np.zeros((rows, len(bases)))
        rules.apply(np.ascontiguousarray(matrix, dtype=np.float64), cards)
        factor = 0.0 if self.revenue.unit else self.revenue.factor
        factors = self.revenue.channel_factors(channel, rows)
        found = combine(margins, cards + bases, self._lines, factor, factors)
        log_odds, genuine_log_odds, log_size, junk, terms = found[0], found[1], found[2], found[3], np.zeros((rows, 2))
        win, revenue, junk_probability, automation = found[4], found[5], found[6], found[7]
        np.subtract(log_odds, genuine_log_odds, out=terms[:, 0])
        if age_days is not None and self.delay is not None and (age_days > 0).any():
            age = np.nan_to_num(np.maximum(age_days, 0.0))
            seen, tilt = self.delay.expected(age, log_size, self.revenue.spread, channel)
            loser_open = self.closing.loser_open(age, junk_probability, genuine_log_odds)
            odds = np.log(np.maximum(1.0 - seen, 1e-12)) - np.log(loser_open)
            terms[:, 1] = np.where(age > 0, odds, 0.0)
            log_odds = log_odds + terms[:, 1]
            win = np.where(age > 0, sigmoid(log_odds), win)
            revenue = np.where((age > 0) & (not self.revenue.unit), revenue * tilt, revenue)
        return Prediction(log_odds, junk, win, revenue, junk_probability, automation), terms

    def junk_log_odds(self, matrix: Matrix) -> Vector:
        """Return the log-odds of junk, shape (n,)."""
        return self.junk.log_odds(matrix, self.names)

    def thresholds(self, matrix: Matrix) -> NDArray[np.int64]:
        """Return which of `guarantee.thresholds` holds for each row, shape (n,)."""
        return self.guarantee.positions(None if self.channel is None else matrix[:, self.channel], len(matrix))

    def files(self) -> dict[str, bytes]:
        """Return the files of which `from_files` makes the same models again."""
        texts = {"win.txt": self.win.to_text(), "revenue.txt": self.revenue.trees.to_text()}
        content: dict[str, object] = {
            "names": self.names,
            "channel": self.channel,
            "intercept": self.intercept,
            "platt": asdict(self.platt),
            "revenue": {
                part.name: getattr(self.revenue, part.name) for part in fields(self.revenue) if part.name != "trees"
            },
            "delay": None if self.delay is None else asdict(self.delay),
            "closing": asdict(self.closing),
            "automation": json.loads(self.automation.to_json()),
            "guarantee": self.guarantee.to_dict(),
        }
        if isinstance(self.junk, Junk):
            texts["junk.txt"] = self.junk.trees.to_text()
            rules = json.loads(self.junk.rules.to_json())
            content["junk"] = {"rules": rules, "shift": self.junk.shift, "slope": self.junk.slope}
        else:
            content["junk_scorecard"] = json.loads(self.junk.to_json())
        texts["worth.json"] = json.dumps(content, indent=1, allow_nan=False) + "\n"
        return {name: text.encode() for name, text in sorted(texts.items())}

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> Self:
        """Read what `files` wrote.

        Raises
        ------
        BundleError
            Where a file is absent or does not say what it must.
        """
        try:
            content = json.loads(files["worth.json"])
            revenue, delay = content["revenue"], content["delay"]
            junk: Junk | Scorecard
            if "junk" in content:
                learned = content["junk"]
                rules = Scorecard.from_json(json.dumps(learned["rules"]))
                junk = Junk(Trees(files["junk.txt"].decode()), rules, learned["shift"], learned["slope"])
            else:
                junk = Scorecard.from_json(json.dumps(content["junk_scorecard"]))
            return cls(
                names=tuple(content["names"]),
                channel=content["channel"],
                intercept=content["intercept"],
                win=Trees(files["win.txt"].decode()),
                platt=Platt(**content["platt"]),
                junk=junk,
                revenue=Revenue(
                    trees=Trees(files["revenue.txt"].decode()),
                    **(revenue | {"channels": _integer_keys(revenue["channels"])}),
                ),
                delay=None if delay is None else Delay(**(delay | {"channels": _integer_keys(delay["channels"])})),
                closing=_closing(content["closing"]),
                automation=Scorecard.from_json(json.dumps(content["automation"])),
                guarantee=Guarantee.from_dict(content["guarantee"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise BundleError(
                f"the files of the learned models do not fit together: {error!r}",
                allowed="win.txt, revenue.txt, junk.txt (where learned), worth.json of one training",
                do="train again",
            ) from error


def _closing(content: Mapping[str, Any]) -> Closing:
    junk, *genuine = (Curve(tuple(c["days"]), tuple(c["share"])) for c in (content["junk"], *content["genuine"]))
    return Closing(junk, tuple(genuine), tuple(content["edges"]))


def _integer_keys(values: Mapping[str, float]) -> dict[int, float]:
    return {int(key): value for key, value in values.items()}
