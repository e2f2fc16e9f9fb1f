"""What a lead is worth: the learned part of a bundle, on matrices only.

win probability = (1 - junk) x g, with g the calibrated chance of a genuine lead to win within the
horizon. Of a lead still open after t days it is p S / (p S + (1 - p) L), where S is the chance that a
winner and L that a loser is still open (L = 1 where sales never closes lost leads); both refer to the
horizon, so that a lead past it cannot win. Its expected revenue rises where large deals are slow.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from leadworth.errors import BundleError
from models.base import Matrix, Vector, logit, sigmoid
from models.calibration import Platt
from models.closing import Closing, Curve
from models.delay import Delay
from models.guarantee import Guarantee
from models.junk import Junk
from models.revenue import Revenue
from models.scorecard import Scorecard
from models.trees import Trees


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
        return self._finish(matrix, self.win.raw(matrix), age_days)[0]

    def explain(
        self, matrix: Matrix, age_days: Vector | None = None
    ) -> tuple[Prediction, Vector, Matrix, dict[str, Vector]]:
        """Predict, and say what each feature adds to the log-odds.

        Returns
        -------
        tuple
            Prediction; baseline, shape (n,); contributions, shape (n, n_features); and the terms "junk"
            and "age", shape (n,) each. Baseline, contributions and terms add up to `win_log_odds`.
        """
        margin, contributions = self.win.contributions(matrix)
        prediction, terms = self._finish(matrix, margin, age_days)
        baseline = self.platt.apply(np.full(len(matrix), self.intercept + self.win.baseline))
        return prediction, baseline, self.platt.slope * contributions, terms

    def junk_log_odds(self, matrix: Matrix) -> Vector:
        """Return the log-odds of junk, shape (n,)."""
        return self.junk.log_odds(matrix, self.names)

    def _finish(self, matrix: Matrix, margin: Vector, age_days: Vector | None) -> tuple[Prediction, dict[str, Vector]]:
        genuine_log_odds = self.platt.apply(self.intercept + margin)
        junk = self.junk_log_odds(matrix)
        submit = logit(sigmoid(-junk) * sigmoid(genuine_log_odds))
        channel = None if self.channel is None else matrix[:, self.channel]
        log_size = self.revenue.log_size(matrix)
        revenue = self.revenue.money(log_size, channel)
        log_odds = submit
        if age_days is not None and self.delay is not None and np.isfinite(age_days).any():
            age = np.maximum(age_days, 0.0)
            seen, tilt = self.delay.expected(np.nan_to_num(age), log_size, self.revenue.spread, channel)
            loser_open = self.closing.loser_open(np.nan_to_num(age), sigmoid(junk), genuine_log_odds)
            odds = np.log(np.maximum(1.0 - seen, 1e-12)) - np.log(loser_open)
            log_odds = np.where(age > 0, submit + odds, submit)
            revenue = np.where((age > 0) & (not self.revenue.unit), revenue * tilt, revenue)
        prediction = Prediction(
            log_odds, junk, sigmoid(log_odds), revenue, sigmoid(junk), self.automation.probability(matrix, self.names)
        )
        return prediction, {"junk": submit - genuine_log_odds, "age": log_odds - submit}

    def limits(self, matrix: Matrix) -> Vector:
        """Return the junk log-odds above which each row is rejected, shape (n,); inf where none is."""
        return self.guarantee.many(None if self.channel is None else matrix[:, self.channel], len(matrix))

    def files(self) -> dict[str, bytes]:
        """Return the files of which `from_files` makes the same models again."""
        texts = {"win.txt": self.win.to_text(), "revenue.txt": self.revenue.trees.to_text()}
        content: dict[str, object] = {
            "names": self.names,
            "channel": self.channel,
            "intercept": self.intercept,
            "platt": asdict(self.platt),
            "revenue": {key: value for key, value in vars(self.revenue).items() if key != "trees"},
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
