"""Why a lead is suspected of being junk: the rules that spoke, and the strongest findings of the trees."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from models.base import Vector
from models.junk import Junk
from models.scorecard import Scorecard

STRONGEST = 3
DIGITS = 6
_LEAST = 0.05

Describe = Callable[[str, float], str]


class JunkExplainer:
    """Makes the reasons of the junk probability for one bundle.

    Parameters
    ----------
    model
        The junk model, or the scorecard that stands in.
    names
        Features, in the order of a row.
    describe
        Turns a feature and its value into plain words.

    Examples
    --------
    >>> from models.scorecard import Rule
    >>> card = Scorecard(-6.0, (Rule("urls", "above", 1.0, 3.0, id="links", sentence="It carries links"),))
    >>> JunkExplainer(card, ("urls",), lambda name, value: name).one(None, [2.0])
    ['{"kind": "junk", "code": "links", "text": "It carries links", "contribution": 3.0}']
    """

    def __init__(self, model: Junk | Scorecard, names: Sequence[str], describe: Describe) -> None:
        self._trees = model.trees if isinstance(model, Junk) else None
        self._slope = model.slope if isinstance(model, Junk) else 1.0
        card = model.rules if isinstance(model, Junk) else model
        self._rules = [(rule.single(names), rule) for rule in card.rules if rule.known(names)]
        self._names, self._describe = tuple(names), describe

    def one(self, row: Vector | None, values: Sequence[float]) -> list[str]:
        """Return the reasons of one lead as JSON objects, the strongest first.

        Parameters
        ----------
        row, values
            Features, shape (n_features,): as an array, and the same as plain floats.
        """
        found = [(rule.log_odds, rule.id, rule.sentence) for holds, rule in self._rules if holds(values)]
        if self._trees is not None and row is not None:
            _, parts = self._trees.contributions_one(row)
            strongest = sorted(enumerate(parts.tolist()), key=lambda part: -part[1])[:STRONGEST]
            names = self._names
            found += [
                (amount, names[place], f"{self._describe(names[place], values[place])} (raises the junk probability)")
                for place, amount in strongest
            ]
        told = sorted(found, key=lambda one: -one[0])
        return [_json(code, text, self._slope * amount) for amount, code, text in told if amount > _LEAST]


def _json(code: str, text: str, contribution: float) -> str:
    reason = {"kind": "junk", "code": code, "text": text, "contribution": round(contribution, DIGITS)}
    return json.dumps(reason, ensure_ascii=False)
