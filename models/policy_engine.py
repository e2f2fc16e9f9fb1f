"""Decision policy engine: verdict, MQL decision and rule results of leads.

The policy is compiled to rules over a matrix with one row per lead. The columns are the scores, one result per check
and entry, the features of the policy, and its fields as numbers (`Condition.encode`). The rules set the results in
order, so that a rule can depend on earlier ones.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress, pairwise
from typing import NamedTuple, Self

import numpy as np
import pandas as pd

from features.table_evaluation import distinct
from leadworth.arrays import Flags, Matrix, Vector
from leadworth.readers.text_reader import read_text
from leadworth.records import Lead, Verdict
from models.mql_economics import MqlEconomics
from models.policy import REFUSALS, Criterion, Policy, Sign
from models.policy_checks import TEST_FEATURE, is_own, is_test
from models.policy_conditions import CHECKS, SCORES, Condition
from models.policy_kernel import HELD, REJECTED, Bounds, decide
from models.rule_kernel import Addition, Comparison, RuleTable

RuleText = tuple[str, str]  # id and sentence of a rule
Encode = Callable[[object], float]

_VERDICTS = (Verdict.ACCEPT.value, Verdict.REVIEW.value, Verdict.REJECT.value)
_RANK = {"review": 1, "reject": 2}
_SECTIONS = ("rules", "signs", "profile", "initiative")
_HONEYPOT = "honeypot"
TEST_ADDRESS = "test-address"
_JUNK = "junk"
_WITH_NUMBERS = {_JUNK, "touch-cost", "win-probability"}
_EXTRAS = "extras."
_CACHE_SIZE = 10_000


class Scores(NamedTuple):
    """Inputs of the policy from the models: arrays of shape (n,)."""

    win_probability: Vector
    expected_revenue: Vector
    junk_probability: Vector
    automation_probability: Vector


class RuleResults(NamedTuple):
    """Entries and checks of the policy that hold for one lead; no personal data.

    `rules`, `signs`, `profile` and `initiative` are ids of entries, `checks` names of checks. Signs are listed only
    for leads whose junk probability requires review.
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
        """Parse the result of `to_json`."""
        content = json.loads(text)
        rules, signs, profile, initiative, checks = (tuple(content[name]) for name in cls._fields[:-1])
        return cls(rules, signs, profile, initiative, checks, content["honeypot"])


@dataclass(frozen=True, slots=True)
class Decisions:
    """Decisions about n leads.

    `rules` has only the rows on which a rule holds.
    """

    verdict: list[str]
    mql: Flags
    mql_reason: list[str]
    rules: dict[int, list[RuleText]]


class PolicyEngine:
    """A decision policy compiled for one bundle.

    Parameters
    ----------
    policy
        The policy.
    index
        Column of each feature in the matrix.
    fields
        Fields of a lead in the training table.
    economics
        Parameters of the economic criterion.
    switched_off
        Ids of rules and signs that never hold, because the outcomes of the training contradict them.
    """

    def __init__(
        self,
        policy: Policy,
        index: Mapping[str, int],
        fields: Iterable[str],
        economics: MqlEconomics,
        *,
        switched_off: Collection[str] = (),
    ) -> None:
        self.policy = policy
        self._economics = economics
        self._switched_off = frozenset(switched_off)
        training_fields = set(fields)
        self._profile_known = any(
            all(c.name in (index if c.kind == "feature" else training_fields) for c in criterion.when)
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
        """Assign the columns and compile the rules."""
        policy = self.policy
        self._names = (*CHECKS, _HONEYPOT, *(entry.id for part in self._entries for entry in part))
        self._bounds = _bounds([len(part) for part in self._entries])
        columns = _Columns(index, len(SCORES) + len(self._names), [*policy.mql.bulk_import, *self._conditions()])
        additions = [*columns.email_checks(policy.own_domains, test=TEST_ADDRESS not in self._switched_off)]
        bulk = columns.check("bulk_import")
        for condition in policy.mql.bulk_import:
            additions += columns.addition([condition], bulk)
        additions.append(Addition([Comparison(bulk, "below", 0.5)], columns.check("own_submit")))
        for condition in (
            Condition(field="webdriver", at_least=1),
            Condition(score="automation_probability", at_least=policy.verdict.automated),
        ):
            additions += columns.addition([condition], columns.check("automated"))
        target = len(SCORES) + len(CHECKS)
        additions += columns.addition([Condition(field="honeypot_filled", at_least=1)], target)
        for part in self._entries:
            for entry in part:
                target += 1
                if entry.id not in self._switched_off:
                    additions += columns.addition(entry.when, target)
        self._columns = columns
        self._rules = RuleTable.of(additions)
        self._reads_extras = any(name.startswith(_EXTRAS) for name, _, _ in columns.fields)
        self._ranks = np.array([_RANK[rule.verdict] for rule in policy.verdict.rules], dtype=np.int64)
        self._profile_labels = _label_join(policy.mql.profile)
        self._initiative_labels = _label_join(policy.mql.initiative)
        self._refusals = [f"Refused by rule {name}: {self.policy.mql.refusal(name)}" for name in REFUSALS]
        self._texts = [(entry.id, entry.sentence) for entry in (*policy.verdict.rules, *policy.verdict.signs)]

    def _conditions(self) -> Iterator[Condition]:
        for part in self._entries:
            for entry in part:
                yield from entry.when

    def fields_of_lead(self, lead: Lead) -> Matrix:
        """Return the fields of one lead as numbers, shape (1, fields of the policy)."""
        values = lead.__dict__
        if self._reads_extras:
            values = values | {f"{_EXTRAS}{name}": value for name, value in lead.extras.items()}
        numbers = [
            missing if (value := values.get(name)) is None else encode(value)
            for name, encode, missing in self._columns.fields
        ]
        return np.array([numbers], dtype=np.float64)

    def fields_of_table(self, leads: pd.DataFrame) -> Matrix:
        """Return the fields of a lead table as numbers, shape (rows, fields of the policy)."""
        missing = [number for _, _, number in self._columns.fields]
        fields = np.tile(np.array(missing, dtype=np.float64), (len(leads), 1))
        self.fill_fields(fields, leads)
        return fields

    def fill_fields(self, fields: Matrix, leads: pd.DataFrame) -> None:
        """Write the fields that are columns of a table, into the result of `fields_of_table`."""
        for number, (name, encode, missing) in enumerate(self._columns.fields):
            if name in leads.columns:
                column = distinct(leads[name], encode)
                fields[:, number] = np.array([*column.values[:-1], missing], dtype=np.float64)[column.codes]

    def evaluate(self, fields: Matrix, matrix: Matrix, scores: Scores) -> Flags:
        """Return which checks and entries hold for n leads, shape (n, checks and entries).

        Parameters
        ----------
        fields
            From `fields_of_lead` or `fields_of_table`.
        matrix
            Features, shape (n, n_features).
        scores
            Predictions of the models.
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

    def verdict_rules(self, holds: Flags) -> Flags:
        """Return the columns of the rules of the verdict of the result of `evaluate`."""
        return holds[:, self._bounds[0] : self._bounds[1]]

    def results(self, holds: Flags) -> RuleResults:
        """Return the results of one lead by name; `holds` is a row of `evaluate`."""
        flags = holds.tolist()
        checks, honeypot, rules, signs, profile, initiative = [
            tuple(compress(self._names[start:end], flags[start:end]))
            for start, end in pairwise((0, len(CHECKS), *self._bounds))
        ]
        return RuleResults(rules, signs, profile, initiative, checks, bool(honeypot))

    def holds(self, results: RuleResults) -> Flags:
        """Return stored results as an array like that of `evaluate`, shape (1, checks and entries)."""
        flags = [name in results.checks for name in CHECKS]
        flags.append(results.honeypot)
        for section, entries in zip(_SECTIONS, self._entries, strict=True):
            ids = getattr(results, section)
            flags += [entry.id in ids for entry in entries]
        return np.array([flags], dtype=np.bool_)

    def decide(self, holds: Flags, scores: Scores, rejects: Flags) -> Decisions:
        """Decide about n leads from rule results and scores.

        Parameters
        ----------
        holds
            From `evaluate`, or `holds`.
        scores
            Predictions of the models.
        rejects
            Whether the junk log-odds are above the rejection threshold, shape (n,).
        """
        holds = np.ascontiguousarray(holds)
        economics = self._economics
        expected_margin = scores.win_probability * scores.expected_revenue * economics.margin
        codes = decide(
            holds,
            (self._bounds, self._ranks),
            (scores.junk_probability, rejects, expected_margin, scores.win_probability),
            (self.policy.verdict.review_junk, economics.touch_cost, economics.least_probability),
            (self._profile_known, economics.revenue_known),
        )
        ranks, junk_effects, refusals = codes.tolist()
        columns = (scores.win_probability, scores.expected_revenue, scores.junk_probability)
        numbers = zip(*(column.tolist() for column in columns), strict=True)
        reasons = [
            self._reason(refusal, holds[row], *of_lead)
            for row, (refusal, of_lead) in enumerate(zip(refusals, numbers, strict=True))
        ]
        texts = self._rule_texts(holds, junk_effects, scores.junk_probability)
        return Decisions([_VERDICTS[rank] for rank in ranks], codes[2] < 0, reasons, texts)

    def _rule_texts(self, holds: Flags, junk_effects: list[int], junk: Vector) -> dict[int, list[RuleText]]:
        texts: dict[int, list[RuleText]] = {}
        rows, rules = np.nonzero(holds[:, self._bounds[0] : self._bounds[2]])
        for row, rule in zip(rows.tolist(), rules.tolist(), strict=True):
            texts.setdefault(row, []).append(self._texts[rule])
        for row, effect in enumerate(junk_effects):
            if effect:
                texts.setdefault(row, []).append(self._junk_text(effect, float(junk[row])))
        return texts

    def _junk_text(self, effect: int, junk: float) -> RuleText:
        if effect == HELD:
            return "junk-held", (
                f"Junk probability {junk:.0%}; not rejected because the only evidence is a honeypot or automation"
            )
        if effect == REJECTED:
            return "junk", f"Junk probability {junk:.0%}, above the rejection threshold calibrated on confirmed buyers"
        return "junk", f"Junk probability {junk:.0%}, review threshold {self.policy.verdict.review_junk:.0%}"

    def _reason(self, refusal: int, holds: Flags, win: float, revenue: float, junk: float) -> str:
        """Return the reason of the MQL decision about one lead; `holds` has shape (checks and entries,)."""
        if refusal >= 0:
            name, text = REFUSALS[refusal], self._refusals[refusal]
            if name not in _WITH_NUMBERS:
                return text
            return f"{text} ({junk:.0%})" if name == _JUNK else f"{text} ({self._economics.numbers(win, revenue)})"
        numbers = self._economics.numbers(win, revenue)
        profile = "profile not in the data"
        if self._profile_known:
            profile = self._profile_labels(holds[self._bounds[2] : self._bounds[3]].tobytes()) or "not in the data"
        initiative = self._initiative_labels(holds[self._bounds[3] : self._bounds[4]].tobytes())
        return f"Passed rule mql: profile ({profile}) and initiative ({initiative}); {numbers}"


def _label_join(criteria: Sequence[Criterion]) -> Callable[[bytes], str]:
    """Return a function that joins the labels whose flag is set."""
    labels = [criterion.label for criterion in criteria]
    return lru_cache(maxsize=_CACHE_SIZE)(lambda flags: ", ".join(compress(labels, flags)))


class _Columns:
    """Column layout of the rule matrix: scores, checks and entries, features, fields.

    Parameters
    ----------
    index
        Column of each feature in the feature matrix; conditions on other features never hold.
    first_feature
        First column of the features.
    conditions
        All conditions of the policy.
    """

    def __init__(self, index: Mapping[str, int], first_feature: int, conditions: Iterable[Condition]) -> None:
        names = dict.fromkeys([TEST_FEATURE, *(c.feature for c in conditions if c.feature is not None)])
        available = [name for name in names if name in index]
        self._features = {name: first_feature + number for number, name in enumerate(available)}
        self.features = np.array([index[name] for name in self._features], dtype=np.intp)
        self.first_feature = first_feature
        self.first_field = first_feature + len(self._features)
        self.fields: list[tuple[str, Encode, float]] = []
        self._fields: dict[tuple[str, object], int] = {}

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.first_field + len(self.fields)

    def check(self, name: str) -> int:
        """Return the column of a check."""
        return len(SCORES) + CHECKS.index(name)

    def addition(self, conditions: Sequence[Condition], target: int) -> list[Addition]:
        """Return the rule that sets a column if all conditions hold; no rule if a feature is missing from the spec."""
        columns = [self._column(condition) for condition in conditions]
        if None in columns:
            return []
        when = [
            Comparison(column, *condition.comparison)
            for column, condition in zip(columns, conditions, strict=True)
            if column is not None
        ]
        return [Addition(when, target)]

    def email_checks(self, own_domains: Sequence[str], *, test: bool) -> Iterator[Addition]:
        """Yield the rules that set the checks of the e-mail address; with `test` that of test addresses, too."""
        if test:
            column = self._features.get(TEST_FEATURE)
            if column is None:
                column = self._field("email", "test", lambda address: float(is_test(read_text(address))))
            yield Addition([Comparison(column, "is", 1.0)], self.check("test_address"))
        if own_domains:
            own = self._field("email", "own", lambda address: float(is_own(read_text(address), own_domains)))
            yield Addition([Comparison(own, "is", 1.0)], self.check("own_domain"))

    def _column(self, condition: Condition) -> int | None:
        if condition.field is not None:
            key = "filled" if condition.filled is not None else condition.any_of
            return self._field(condition.field, key, condition.encode)
        if condition.feature is not None:
            return self._features.get(condition.feature)
        return SCORES.index(condition.name) if condition.kind == "score" else self.check(condition.name)

    def _field(self, name: str, key: object, encode: Encode) -> int:
        """Return the column of a field with one encoding; add it if it is new."""
        if (name, key) not in self._fields:
            self._fields[name, key] = self.first_field + len(self.fields)
            self.fields.append((name, encode, encode(None)))
        return self._fields[name, key]


def _bounds(sizes: Sequence[int]) -> Bounds:
    """Return the first column of rules, signs, profile and initiative after checks and honeypot, and the end."""
    start = len(CHECKS) + 1
    rules, signs, profile, initiative = (start + sum(sizes[:part]) for part in range(4))
    return rules, signs, profile, initiative, start + sum(sizes)
