"""Lead value model: win probability, expected revenue, junk and automation probability of feature vectors.

Win probability = (1 - junk) x g, with g the calibrated probability that a genuine lead wins within the horizon. For a
lead that is still open after t days it is p S / (p S + (1 - p) L), where S and L are the probabilities that a winner
and a loser are still open (L = 1 if sales never closes lost leads). S is 0 at the horizon, so a lead past it cannot
win. The expected revenue of an open lead increases with its age if large deals are slow.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any, Self

import numpy as np

from leadworth.arrays import Indices, Matrix, Vector
from leadworth.errors import BundleError
from models.calibration import Platt
from models.category_effects import CategoryEffects
from models.channel_drift import ChannelDrift
from models.combine_kernel import Line, combine
from models.forest_kernel import Forest
from models.junk_model import JunkModel
from models.log_odds import sigmoid
from models.loss_censoring import LossCensoring, OpenShareCurve
from models.np_threshold import NeymanPearsonThreshold
from models.revenue_model import RevenueModel
from models.rule_kernel import RuleTable
from models.scorecard import Scorecard
from models.time_to_win import SecondSpeed, TimeToWin
from models.trees import Trees

TERMS = ("junk", "age")
"""Contributions that are not of features: the junk probability, and the time since submit of an open lead."""


@dataclass(frozen=True)
class Prediction:
    """Predictions of n leads, arrays of shape (n,).

    `expected_revenue` is the revenue if won, in the currency of the history.
    """

    win_log_odds: Vector
    junk_log_odds: Vector
    win_probability: Vector
    expected_revenue: Vector
    junk_probability: Vector
    automation_probability: Vector


@dataclass(frozen=True)
class LeadValueModel:
    """Models of one bundle.

    Parameters
    ----------
    names
        Names of the features, in the order of the columns.
    channel
        Column with the code of the channel, or None.
    intercept, win, platt
        Log-odds of g: Platt scaling of intercept + margin of the trees.
    drift
        Recent drift of single channels, added to the log-odds of g.
    junk
        Junk model, or the scorecard if there are too few labels.
    revenue
        Revenue model.
    delay, closing
        Time to win and loss censoring; without `delay` the age of a lead is not used.
    automation
        Scorecard of the automation probability.
    guarantee
        Rejection thresholds of the junk log-odds.
    """

    names: tuple[str, ...]
    channel: int | None
    intercept: float
    win: Trees
    platt: Platt
    drift: ChannelDrift
    junk: JunkModel | Scorecard
    revenue: RevenueModel
    delay: TimeToWin | None
    closing: LossCensoring
    automation: Scorecard
    guarantee: NeymanPearsonThreshold

    def predict(self, matrix: Matrix, age_days: Vector | None = None) -> Prediction:
        """Predict leads at submit, or open leads given their age.

        Parameters
        ----------
        matrix
            Features, shape (n, n_features).
        age_days
            Days since submit of open leads, shape (n,); nan or None for leads at submit.
        """
        return self._finish(matrix, self._shifted(self._forest.margins(matrix), matrix), age_days)[0]

    def explain(self, matrix: Matrix, age_days: Vector | None = None) -> tuple[Prediction, Matrix]:
        """Predict, and return the contributions of the features and `TERMS` to the log-odds.

        Returns
        -------
        tuple
            Prediction, and contributions, shape (n, n_features + 2); the last two columns are `TERMS`. The sum of
            `baseline` and a row of contributions is `win_log_odds`.
        """
        margins, features = self._forest.contributions(matrix, 0)
        shifted = self._shifted(margins, matrix)
        if self.channel is not None:
            features[:, self.channel] += shifted[:, 0] - margins[:, 0]
        prediction, terms = self._finish(matrix, shifted, age_days)
        contributions = np.empty((len(matrix), features.shape[1] + len(TERMS)))
        np.multiply(features, self.platt.slope, out=contributions[:, : features.shape[1]])
        contributions[:, features.shape[1] :] = terms
        return prediction, contributions

    @cached_property
    def baseline(self) -> float:
        """Log-odds of g of the mean training lead."""
        return self.platt.shift + self.platt.slope * (self.intercept + self.win.baseline)

    @cached_property
    def _forest(self) -> Forest:
        """Trees of win, revenue and junk (empty if junk is a scorecard)."""
        junk = self.junk.trees.structure if isinstance(self.junk, JunkModel) else ()
        return Forest.of([self.win.structure, self.revenue.trees.structure, junk])

    @cached_property
    def _cards(self) -> tuple[RuleTable, Vector]:
        """Rules of junk and automation, and the log-odds of their bases."""
        junk = self.junk.rules if isinstance(self.junk, JunkModel) else self.junk
        additions = [*junk.additions(self.names, 0), *self.automation.additions(self.names, 1)]
        return RuleTable.of(additions), np.array([junk.base_log_odds, self.automation.base_log_odds])

    @cached_property
    def _lines(self) -> tuple[Line, Line, Line]:
        """Lines from the margins to log-odds of g, log size and log-odds of junk."""
        shift, slope = (self.junk.shift, self.junk.slope) if isinstance(self.junk, JunkModel) else (0.0, 1.0)
        genuine = self.intercept, self.platt.shift, self.platt.slope
        return genuine, (self.revenue.intercept, 0.0, 1.0), (0.0, shift, slope)

    def _shifted(self, margins: Matrix, matrix: Matrix) -> Matrix:
        """Return the margins with the drift of the channel in that of win, and effects of categories in the revenue."""
        shifted = margins.copy()
        if self.channel is not None and self.drift.effects:
            shifted[:, 0] += self.drift.now(matrix[:, self.channel]) / self.platt.slope
        if self.revenue.effects.columns:
            shifted[:, 1] += self.revenue.effects.of(matrix)
        return shifted

    def _finish(self, matrix: Matrix, margins: Matrix, age_days: Vector | None) -> tuple[Prediction, Matrix]:
        """Return the prediction, and the terms "junk" and "age", shape (n, 2)."""
        rows = len(matrix)
        channel = None if self.channel is None else np.ascontiguousarray(matrix[:, self.channel])
        rules, bases = self._cards
        cards = np.zeros((rows, len(bases)))
        rules.apply(np.ascontiguousarray(matrix, dtype=np.float64), cards)
        factor = 0.0 if self.revenue.unit else self.revenue.factor
        factors = self.revenue.channel_factors(channel, rows)
        log_odds, genuine_log_odds, log_size, junk, win, revenue, junk_probability, automation = combine(
            margins, cards + bases, self._lines, factor, factors
        )
        terms = np.zeros((rows, len(TERMS)))
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

    def thresholds(self, matrix: Matrix) -> Indices:
        """Return the index in `guarantee.thresholds` for each row, shape (n,)."""
        return self.guarantee.positions(None if self.channel is None else matrix[:, self.channel], len(matrix))

    def files(self) -> dict[str, bytes]:
        """Return the files, for `from_files`."""
        texts = {"win.txt": self.win.to_text(), "revenue.txt": self.revenue.trees.to_text()}
        content: dict[str, object] = {
            "names": self.names,
            "channel": self.channel,
            "intercept": self.intercept,
            "platt": asdict(self.platt),
            "drift": self.drift.effects,
            "revenue": {
                part.name: getattr(self.revenue, part.name)
                for part in fields(self.revenue)
                if part.name not in ("trees", "effects")
            },
            "deal_size": self.revenue.effects.columns,
            "delay": None if self.delay is None else asdict(self.delay),
            "closing": asdict(self.closing),
            "automation": json.loads(self.automation.to_json()),
            "guarantee": self.guarantee.to_dict(),
        }
        if isinstance(self.junk, JunkModel):
            texts["junk.txt"] = self.junk.trees.to_text()
            rules = json.loads(self.junk.rules.to_json())
            content["junk"] = {"rules": rules, "shift": self.junk.shift, "slope": self.junk.slope}
        else:
            content["junk_scorecard"] = json.loads(self.junk.to_json())
        texts["worth.json"] = json.dumps(content, indent=1, allow_nan=False) + "\n"
        return {name: text.encode() for name, text in sorted(texts.items())}

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> Self:
        """Parse the result of `files`.

        Raises
        ------
        BundleError
            If a file is missing or invalid.
        """
        try:
            content = json.loads(files["worth.json"])
            revenue = content["revenue"]
            effects = {int(column): _integer_keys(own) for column, own in content.get("deal_size", {}).items()}
            delay = content["delay"]
            junk: JunkModel | Scorecard
            if "junk" in content:
                parameters = content["junk"]
                rules = Scorecard.from_json(json.dumps(parameters["rules"]))
                junk = JunkModel(Trees(files["junk.txt"].decode()), rules, parameters["shift"], parameters["slope"])
            else:
                junk = Scorecard.from_json(json.dumps(content["junk_scorecard"]))
            return cls(
                names=tuple(content["names"]),
                channel=content["channel"],
                intercept=content["intercept"],
                win=Trees(files["win.txt"].decode()),
                platt=Platt(**content["platt"]),
                drift=ChannelDrift(_integer_keys(content["drift"])),
                junk=junk,
                revenue=RevenueModel(
                    trees=Trees(files["revenue.txt"].decode()),
                    effects=CategoryEffects(effects),
                    **(revenue | {"channels": _integer_keys(revenue["channels"])}),
                ),
                delay=None if delay is None else _delay(delay),
                closing=_closing(content["closing"]),
                automation=Scorecard.from_json(json.dumps(content["automation"])),
                guarantee=NeymanPearsonThreshold.from_dict(content["guarantee"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise BundleError(
                f"the files of the models are inconsistent: {error!r}",
                allowed="win.txt, revenue.txt, junk.txt (unless junk is a scorecard), worth.json of one training",
                do="train again",
            ) from error


def _closing(content: Mapping[str, Any]) -> LossCensoring:
    junk, *genuine = (
        OpenShareCurve(tuple(c["days"]), tuple(c["share"])) for c in (content["junk"], *content["genuine"])
    )
    return LossCensoring(junk, tuple(genuine), tuple(content["edges"]))


def _delay(content: Mapping[str, Any]) -> TimeToWin:
    second = content["second"]
    speed = None if second is None else SecondSpeed(**second)
    return TimeToWin(**{**content, "channels": _integer_keys(content["channels"]), "second": speed})


def _integer_keys(values: Mapping[str, float]) -> dict[int, float]:
    return {int(key): value for key, value in values.items()}
