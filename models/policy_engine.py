"""Apply the decision policy to leads: verdict, MQL, and the rules that hold.

The policy is compiled to rules over one row of numbers per lead: the features and scores that it names, its
fields as numbers (`Condition.encode`), and one column for each check and entry, which the rules set in order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.table import distinct
from leadworth.records import Lead, Verdict
from leadworth.values import text
from models.base import Matrix, Vector
from models.checks import TEST_FEATURE, is_own, is_test
from models.conditions import CHECKS, SCORES, Condition
from models.policy import REFUSALS, Criterion, Policy, Sign
from models.policy_kernel import HELD, REJECTED, Bounds, settle
from models.rule_kernel import Addition, Comparison, RuleTable

Mask = NDArray[np.bool_]
RuleText = tuple[str, str]  # id of a rule, and its sentence
Encode = Callable[[object], float]

_VERDICTS = (Verdict.ACCEPT.value, Verdict.REVIEW.value, Verdict.REJECT.value)
_RANK = {"review": 1, "reject": 2}
_SECTIONS = ("rules", "signs", "profile", "initiative")
_HONEYPOT = "honeypot"
_EXTRAS = "extras."


class Scores(NamedTuple):
    """The scores of n leads that the policy looks at, arrays of shape (n,)."""

    win_probability: Vector
    expected_revenue: Vector
    junk_probability: Vector
    automation_probability: Vector


class RuleResults(NamedTuple):
    """Which parts of the policy hold for one lead; holds nothing personal.

    `rules`, `signs`, `profile` and `initiative` are ids of entries, `checks` names of checks. Signs are listed only
    for leads that are probably junk.
    """

    rules: tuple[str, ...]
    signs: tuple[str, ...]
    profile: tuple[str, ...]
    initiative: tuple[str, ...]
    checks: tuple[str, ...]
    honeypot: bool

    def to_json(self) -> str:
        """Return the results as JSON."""
        return json.dumps(self._asdict(), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        content = json.loads(text)
        rules, signs, profile, initiative, checks = (tuple(content[name]) for name in cls._fields[:-1])
        return cls(rules, signs, profile, initiative, checks, content["honeypot"])


@dataclass(frozen=True, slots=True)
class Decisions:
    """The decisions about n leads.

    `rules` has an entry only for the rows on which a rule holds.
    """

    verdict: list[str]
    mql: Mask
    mql_reason: list[str]
    rules: dict[int, list[RuleText]]


class PolicyEngine:
    """A policy compiled for one bundle.

    Parameters
    ----------
    policy
        The policy.
    index
        Position of each feature in a row of the matrix.
    fields
        Fields of the lead that the training table had.
    margin, touch_cost, currency
        Of the economic test: ``win_probability x expected_revenue x margin > touch_cost``.
    revenue_known
        False where the history holds no revenue, so that no value can be compared with the cost.
    """

    def __init__(
        self,
        policy: Policy,
        index: Mapping[str, int],
        fields: Iterable[str],
        margin: float,
        touch_cost: float,
        currency: str,
        *,
        revenue_known: bool = True,
    ) -> None:
        self.policy = policy
        self._margin, self._touch_cost, self._currency = margin, touch_cost, currency
        self._revenue_known = revenue_known
        held = set(fields)
        self._profile_known = any(
            all(c.name in (index if c.kind == "feature" else held) for c in criterion.when)
            for criterion in policy.mql.profile
        )
        self._entries: tuple[Sequence[Sign | Criterion], ...] = (
            policy.verdict.rules,
            policy.verdict.signs,
            policy.mql.profile,
            policy.mql.initiative,
        )
        self._compile(index)

    def _compile(self, index: Mapping[str, int]) -> None:
        """Lay out the columns of the rules' input, and compile the rules."""
        policy, automated = self.policy, self.policy.verdict.automated
        self._names = (*CHECKS, _HONEYPOT, *(entry.id for part in self._entries for entry in part))
        self._bounds = _bounds([len(part) for part in self._entries])
        columns = _Columns(index, len(SCORES) + len(self._names), [*policy.mql.bulk_import, *self._conditions()])
        additions = [*columns.email_checks(policy.own_domains)]
        bulk, own = (columns.check(name) for name in ("bulk_import", "own_submit"))
        for condition in policy.mql.bulk_import:
            additions += columns.addition([condition], bulk)
        additions.append(Addition([Comparison(bulk, "below", 0.5)], own))
        for condition in (
            Condition(field="webdriver", at_least=1),
            Condition(score="automation_probability", at_least=automated),
        ):
            additions += columns.addition([condition], columns.check("automated"))
        target = len(SCORES) + len(CHECKS)
        additions += columns.addition([Condition(field="honeypot_filled", at_least=1)], target)
        for part in self._entries:
            for entry in part:
                target += 1
                additions += columns.addition(entry.when, target)
        self._columns, self._rules = columns, RuleTable.of(additions)
        self._reads_extras = any(name.startswith(_EXTRAS) for name, _, _ in columns.fields)
        self._ranks = np.array([_RANK[rule.verdict] for rule in policy.verdict.rules], dtype=np.int64)
        self._profile = tuple(criterion.label for criterion in policy.mql.profile)
        self._initiative = tuple(criterion.label for criterion in policy.mql.initiative)
        self._texts = [(entry.id, entry.sentence) for entry in (*policy.verdict.rules, *policy.verdict.signs)]

    def _conditions(self) -> Iterator[Condition]:
        for part in self._entries:
            for entry in part:
                yield from entry.when

    def fields_of_lead(self, lead: Lead) -> Matrix:
        """Return the fields of one lead as numbers, shape (1, fields of the policy)."""
        given = lead.__dict__
        if self._reads_extras:
            given = given | {f"{_EXTRAS}{name}": value for name, value in lead.extras.items()}
        values = [(given.get(name), encode, absent) for name, encode, absent in self._columns.fields]
        numbers = [absent if value is None else encode(value) for value, encode, absent in values]
        return np.array([numbers], dtype=np.float64)

    def fields_of_table(self, leads: pd.DataFrame) -> Matrix:
        """Return the fields of a lead table as numbers, shape (rows, fields of the policy)."""
        fields = np.empty((len(leads), len(self._columns.fields)))
        for place, (name, encode, absent) in enumerate(self._columns.fields):
            if name not in leads.columns:
                fields[:, place] = absent
                continue
            column = distinct(leads[name], encode)
            fields[:, place] = np.array([*column.values[:-1], absent], dtype=np.float64)[column.codes]
        return fields

    def evaluate(self, fields: Matrix, matrix: Matrix, scores: Scores) -> Mask:
        """Return which checks and entries hold for n leads, shape (n, checks and entries).

        Parameters
        ----------
        fields
            From `fields_of_lead` or `fields_of_table`.
        matrix
            Features, shape (n, n_features).
        scores
            What the models predict.
        """
        layout = self._columns
        inputs = np.zeros((len(matrix), layout.width))
        inputs[:, 0] = scores.win_probability
        inputs[:, 1] = scores.expected_revenue
        inputs[:, 2] = scores.win_probability * scores.expected_revenue
        inputs[:, 3] = scores.junk_probability
        inputs[:, 4] = scores.automation_probability
        inputs[:, layout.first_feature : layout.first_field] = matrix.take(layout.features, axis=1)
        inputs[:, layout.first_field :] = fields
        self._rules.apply(inputs, inputs)
        holds = inputs[:, len(SCORES) : layout.first_feature] > 0.0
        signs = slice(self._bounds[1], self._bounds[2])
        holds[:, signs] &= (scores.junk_probability >= self.policy.verdict.review_junk)[:, None]
        return holds

    def results(self, holds: Mask) -> RuleResults:
        """Return the results of one lead by name, to be stored; `holds` is a row of `evaluate`."""
        names, flags = self._names, holds.tolist()
        parts = [
            tuple([names[place] for place in range(start, end) if flags[place]])
            for start, end in pairwise((0, len(CHECKS), *self._bounds))
        ]
        checks, _, *entries = parts
        rules, signs, profile, initiative = entries
        return RuleResults(rules, signs, profile, initiative, checks, flags[len(CHECKS)])

    def holds(self, results: RuleResults) -> Mask:
        """Return stored results as `evaluate` returned them, shape (1, checks and entries)."""
        held = [name in results.checks for name in CHECKS]
        held.append(results.honeypot)
        for section, entries in zip(_SECTIONS, self._entries, strict=True):
            names = getattr(results, section)
            held += [entry.id in names for entry in entries]
        return np.array([held], dtype=np.bool_)

    def decide(self, holds: Mask, scores: Scores, rejects: Mask) -> Decisions:
        """Decide about n leads; the leads themselves are not needed.

        Parameters
        ----------
        holds
            From `evaluate`, or `holds`.
        scores
            What the models predict.
        rejects
            Whether the junk log-odds are above the threshold of rejection, shape (n,).
        """
        verdict = self.policy.verdict
        earned = scores.win_probability * scores.expected_revenue * self._margin
        codes = settle(
            np.ascontiguousarray(holds),
            (self._bounds, self._ranks),
            (scores.junk_probability, rejects, earned),
            (verdict.review_junk, self._touch_cost),
            (self._profile_known, self._revenue_known),
        )
        ranks, junk_rules, refusals = codes.tolist()
        profile, initiative = slice(*self._bounds[2:4]), slice(*self._bounds[3:5])
        columns = (scores.win_probability, scores.expected_revenue, scores.junk_probability, earned)
        reasons = [
            self._reason(refusal, row[profile].tobytes(), row[initiative].tobytes(), *numbers)
            for refusal, row, *numbers in zip(refusals, holds, *(column.tolist() for column in columns), strict=True)
        ]
        return Decisions(
            [_VERDICTS[rank] for rank in ranks], codes[2] < 0, reasons, self._rule_texts(holds, junk_rules, columns[2])
        )

    def _rule_texts(self, holds: Mask, junk_rules: list[int], junk: Vector) -> dict[int, list[RuleText]]:
        rules: dict[int, list[RuleText]] = {}
        rows, places = np.nonzero(holds[:, self._bounds[0] : self._bounds[2]])
        for row, place in zip(rows.tolist(), places.tolist(), strict=True):
            rules.setdefault(row, []).append(self._texts[place])
        for row, code in enumerate(junk_rules):
            if code:
                rules.setdefault(row, []).append(self._junk_text(code, float(junk[row])))
        return rules

    def _junk_text(self, code: int, junk: float) -> RuleText:
        if code == HELD:
            return "junk-held", (
                f"Junk probability {junk:.0%}, but nothing speaks for it beyond a honeypot or automation, "
                "which alone never reject"
            )
        if code == REJECTED:
            return "junk", f"Junk probability {junk:.0%}, above what all but a promised few of the genuine buyers have"
        return "junk", f"Junk probability {junk:.0%}, at or above {self.policy.verdict.review_junk:.0%}"

    def _reason(
        self, refusal: int, profile: bytes, initiative: bytes, win: float, revenue: float, junk: float, earned: float
    ) -> str:
        """Return why a lead is an MQL, or not; `profile` and `initiative` are the flags of their entries."""
        name = REFUSALS[refusal] if refusal >= 0 else ""
        if name == "junk":
            return f"Refused by rule junk: {self.policy.mql.refusals['junk']} ({junk:.0%})"
        if name and name != "touch-cost":
            return f"Refused by rule {name}: {self.policy.mql.refusals[name]}"
        money = (
            f"{win:.4f} x {revenue:.2f} {self._currency} x margin {self._margin:g} = {earned:.2f}, "
            f"touch cost {self._touch_cost:.2f}"
        )
        if name:
            return f"Refused by rule touch-cost: {self.policy.mql.refusals['touch-cost']} ({money})"
        money = money if self._revenue_known else "revenue not in the data"
        who = "profile not in the data"
        if self._profile_known:
            who = _joined(self._profile, profile) or "not in the data"
        did = _joined(self._initiative, initiative)
        return f"Passed rule mql: profile ({who}) and initiative ({did}); {money}"


@lru_cache(maxsize=10_000)
def _joined(labels: tuple[str, ...], flags: bytes) -> str:
    """Return the labels whose flag is set."""
    return ", ".join(label for label, flag in zip(labels, flags, strict=True) if flag)


class _Columns:
    """The columns of the rules' input: scores, checks and entries, features, fields.

    Parameters
    ----------
    index
        Position of each feature in a row of the matrix; conditions on others never hold.
    first_feature
        Number of the columns before the features.
    conditions
        All conditions of the policy.
    """

    def __init__(self, index: Mapping[str, int], first_feature: int, conditions: Iterable[Condition]) -> None:
        named = dict.fromkeys([TEST_FEATURE, *(c.feature for c in conditions if c.feature is not None)])
        self._features = {
            name: first_feature + place for place, name in enumerate(name for name in named if name in index)
        }
        self.features = np.array([index[name] for name in self._features], dtype=np.intp)
        self.first_feature = first_feature
        self.first_field = first_feature + len(self._features)
        self.fields: list[tuple[str, Encode, float]] = []
        self._fields: dict[tuple[str, object], int] = {}

    @property
    def width(self) -> int:
        """Number of all columns."""
        return self.first_field + len(self.fields)

    def check(self, name: str) -> int:
        """Return the column of a check."""
        return len(SCORES) + CHECKS.index(name)

    def addition(self, conditions: Sequence[Condition], target: int) -> list[Addition]:
        """Return the rule that sets a column where all conditions hold; none where a feature is not known."""
        columns = [self._column(condition) for condition in conditions]
        if None in columns:
            return []
        when = [
            Comparison(column, *condition.comparison)
            for column, condition in zip(columns, conditions, strict=True)
            if column is not None
        ]
        return [Addition(when, target)]

    def email_checks(self, own_domains: Sequence[str]) -> Iterator[Addition]:
        """Yield the rules that set the checks of the e-mail address."""
        test = self._features.get(TEST_FEATURE)
        if test is None:
            test = self._field("email", "test", lambda address: float(is_test(text(address))))
        yield Addition([Comparison(test, "is", 1.0)], self.check("test_address"))
        if own_domains:
            own = self._field("email", "own", lambda address: float(is_own(text(address), own_domains)))
            yield Addition([Comparison(own, "is", 1.0)], self.check("own_domain"))

    def _column(self, condition: Condition) -> int | None:
        if condition.field is not None:
            key = "filled" if condition.filled is not None else condition.any_of
            return self._field(condition.field, key, condition.encode)
        if condition.feature is not None:
            return self._features.get(condition.feature)
        return SCORES.index(condition.name) if condition.kind == "score" else self.check(condition.name)

    def _field(self, name: str, key: object, encode: Encode) -> int:
        """Return the column of a field that is read in one way, and add it if it is new."""
        if (name, key) not in self._fields:
            self._fields[name, key] = self.first_field + len(self.fields)
            self.fields.append((name, encode, encode(None)))
        return self._fields[name, key]


def _bounds(sizes: Sequence[int]) -> Bounds:
    """Return where rules, signs, profile and initiative start and end among checks, honeypot and entries."""
    start = len(CHECKS) + 1
    rules, signs, profile, initiative = (start + sum(sizes[:part]) for part in range(4))
    return rules, signs, profile, initiative, start + sum(sizes)
