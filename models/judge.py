"""Apply the policy to one lead or to a table: verdict, MQL, and the rules that spoke.

Both ways ask the same conditions and combine them by the same functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Self, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadworth.records import Lead, Verdict
from models.checks import add_to_table, checks_of_lead
from models.conditions import Condition, LeadFacts, Mask, Question, TableFacts, Vector
from models.policy import REFUSALS, Criterion, Policy

Spoken = tuple[str, str]  # id of a rule, and its sentence
Rows = dict[int, list[Spoken]]

_VERDICTS = (Verdict.ACCEPT, Verdict.REVIEW, Verdict.REJECT)
_VERDICT_NAMES = np.array([verdict.value for verdict in _VERDICTS], dtype=object)
_HONEYPOT = Condition(field="honeypot_filled", at_least=1)
_REJECTED = 2
_RANK = {"review": 1, "reject": _REJECTED}


class Numbers(NamedTuple):
    """What the model said of one lead (floats) or of many (arrays)."""

    win_probability: float
    expected_revenue: float
    junk_probability: float
    automation_probability: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """What becomes of one lead."""

    verdict: Verdict
    mql: bool
    mql_reason: str
    rules: tuple[Spoken, ...]


@dataclass(frozen=True, slots=True)
class Judgements:
    """What becomes of many leads; `rules` holds only the rows on which a rule spoke."""

    verdict: NDArray[np.object_]
    mql: Mask
    mql_reason: list[str]
    rules: Rows


What = TypeVar("What")
Speakers = tuple[tuple[Question, What], ...]


@dataclass(frozen=True, slots=True)
class _Ready:
    """The conditions of a policy as questions about one lead, each with what is said where it holds."""

    add_checks: Callable[[LeadFacts], None]
    rules: Speakers[tuple[int, Spoken]]
    signs: Speakers[Spoken]
    profile: Speakers[str]
    initiative: Speakers[str]

    @classmethod
    def of(cls, policy: Policy, index: Mapping[str, int]) -> Self:
        part, mql = policy.verdict, policy.mql
        return cls(
            checks_of_lead(policy, index),
            tuple((_all(rule.when, index), (_RANK[rule.verdict], (rule.id, rule.sentence))) for rule in part.rules),
            tuple((_all(sign.when, index), (sign.id, sign.sentence)) for sign in part.signs),
            tuple((_all(criterion.when, index), criterion.label) for criterion in mql.profile),
            tuple((_all(criterion.when, index), criterion.label) for criterion in mql.initiative),
        )


def _all(conditions: Sequence[Condition], index: Mapping[str, int]) -> Question:
    """Return whether all conditions hold, as one question."""
    first, *more = [condition.question(index) for condition in conditions]
    return (lambda facts: first(facts) and all(holds(facts) for holds in more)) if more else first


@dataclass(frozen=True)
class Judge:
    """A policy made ready for one bundle.

    Parameters
    ----------
    policy
        The policy.
    index
        Position of each feature in a vector.
    fields
        Fields of the lead that the training table had.
    margin, touch_cost, currency
        Of the economic test: ``win_probability x expected_revenue x margin > touch_cost``.
    revenue_known
        False where the history holds no revenue, so that no value can be judged.
    """

    policy: Policy
    index: Mapping[str, int]
    fields: Iterable[str]
    margin: float
    touch_cost: float
    currency: str
    revenue_known: bool = True
    profile_known: bool = field(init=False)
    _ready: _Ready = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Find out whether profile can be judged at all, and make the conditions ready."""
        fields = set(self.fields)
        known = any(
            all(c.name in (self.index if c.kind == "feature" else fields) for c in criterion.when)
            for criterion in self.policy.mql.profile
        )
        object.__setattr__(self, "profile_known", known)
        object.__setattr__(self, "_ready", _Ready.of(self.policy, self.index))

    def one(self, lead: Lead, vector: Sequence[float], said: Numbers) -> Judgement:
        """Judge one lead; `vector` holds its features."""
        win, revenue, junk = said.win_probability, said.expected_revenue, said.junk_probability
        numbers = {
            "win_probability": win,
            "expected_revenue": revenue,
            "predicted_value": win * revenue,
            "junk_probability": junk,
            "automation_probability": said.automation_probability,
        }
        facts, ready = LeadFacts(lead, vector, numbers), self._ready
        ready.add_checks(facts)
        rank, rules = self._verdict(facts)
        profile, initiative = _spoken(ready.profile, facts), _spoken(ready.initiative, facts)
        earned = win * revenue * self.margin
        flags = self._refusals(facts.checks, junk, rank == _REJECTED, bool(profile), bool(initiative), earned)
        refusal = next((name for name, speaks in flags if speaks), "")
        reason = self._reason(refusal, ", ".join(profile), ", ".join(initiative), win, revenue, junk)
        return Judgement(_VERDICTS[rank], not refusal, reason, tuple(rules))

    def _verdict(self, facts: LeadFacts) -> tuple[int, list[Spoken]]:
        part, junk, ready = self.policy.verdict, facts.numbers["junk_probability"], self._ready
        spoken = _spoken(ready.rules, facts)
        rank = max([rank for rank, _ in spoken], default=0)
        rules = [rule for _, rule in spoken]
        if junk < part.review_junk:
            return rank, rules
        signs = _spoken(ready.signs, facts)
        software = bool(facts.lead.honeypot_filled or facts.checks["automated"])
        rejects = junk >= part.reject_junk
        held = rejects and software and not signs
        rank = max(rank, 2 if rejects and not held else 1)
        return rank, [*rules, *signs, self._junk_rule(junk, held)]

    def many(self, table: pd.DataFrame, matrix: NDArray[np.float64], said: Mapping[str, Vector]) -> Judgements:
        """Judge every row of a lead table; `said` holds the fields of `Numbers` as arrays."""
        policy = self.policy
        value = said["win_probability"] * said["expected_revenue"]
        facts = TableFacts(table, matrix, self.index, {**said, "predicted_value": value})
        add_to_table(facts, policy)
        rank, rules = self._verdicts(facts)
        profile, initiative = _label_column(policy.mql.profile, facts), _label_column(policy.mql.initiative, facts)
        has_profile, has_initiative = (
            np.array([bool(text) for text in texts], dtype=bool) for texts in (profile, initiative)
        )
        flags = self._refusals(
            facts.checks, said["junk_probability"], rank == _REJECTED, has_profile, has_initiative, value * self.margin
        )
        refusal = np.select([speaks for _, speaks in flags], [name for name, _ in flags], default="")
        columns = (said[name].tolist() for name in ("win_probability", "expected_revenue", "junk_probability"))
        reasons = [self._reason(*row) for row in zip(refusal.tolist(), profile, initiative, *columns, strict=True)]
        return Judgements(_VERDICT_NAMES[rank], refusal == "", reasons, rules)

    def _verdicts(self, facts: TableFacts) -> tuple[NDArray[np.int64], Rows]:
        part, junk = self.policy.verdict, facts.numbers["junk_probability"]
        rank, rules = np.zeros(len(junk), dtype=np.int64), Rows()
        for rule in part.rules:
            speaks = _mask(rule.when, facts)
            rank[speaks] = np.maximum(rank[speaks], _RANK[rule.verdict])
            _speak(rules, speaks, (rule.id, rule.sentence))
        suspect, signed = junk >= part.review_junk, np.zeros(len(junk), dtype=bool)
        for sign in part.signs:
            speaks = suspect & _mask(sign.when, facts)
            signed |= speaks
            _speak(rules, speaks, (sign.id, sign.sentence))
        software = facts.checks["automated"] | _HONEYPOT.mask(facts)
        rejects = junk >= part.reject_junk
        held = rejects & software & ~signed
        rank[suspect] = np.maximum(rank[suspect], np.where(rejects & ~held, 2, 1)[suspect])
        for row in np.flatnonzero(suspect).tolist():
            rules.setdefault(row, []).append(self._junk_rule(float(junk[row]), bool(held[row])))
        return rank, rules

    def _junk_rule(self, junk: float, held: bool) -> Spoken:
        part = self.policy.verdict
        if held:
            return "junk-held", (
                f"Junk probability {junk:.0%}, but nothing speaks for it beyond a honeypot or automation, "
                "which alone never reject"
            )
        level = part.reject_junk if junk >= part.reject_junk else part.review_junk
        return "junk", f"Junk probability {junk:.0%}, at or above {level:.0%}"

    def _refusals(
        self,
        checks: Mapping[str, bool] | Mapping[str, Mask],
        junk: Vector | float,
        rejected: Mask | bool,
        profile: Mask | bool,
        initiative: Mask | bool,
        earned: Vector | float,
    ) -> list[tuple[str, Mask | bool]]:
        """Return each refusal and where it speaks, in order; for one lead and for arrays alike."""
        no_profile = (profile | (not self.profile_known)) ^ True
        no_initiative = initiative ^ True
        flags = (
            checks["test_address"],
            checks["own_domain"],
            junk >= self.policy.verdict.review_junk,
            rejected,
            checks["bulk_import"] & no_initiative,
            no_initiative & no_profile,
            no_initiative,
            no_profile,
            (earned <= self.touch_cost) & self.revenue_known,
        )
        return list(zip(REFUSALS, flags, strict=True))

    def _reason(self, refusal: str, profile: str, initiative: str, win: float, revenue: float, junk: float) -> str:
        earned = win * revenue * self.margin
        if refusal == "junk":
            return f"Refused by rule junk: {self.policy.mql.refusals['junk']} ({junk:.0%})"
        if refusal and refusal != "touch-cost":
            return f"Refused by rule {refusal}: {self.policy.mql.refusals[refusal]}"
        money = (
            f"{win:.4f} x {revenue:.2f} {self.currency} x margin {self.margin:g} = {earned:.2f}, "
            f"touch cost {self.touch_cost:.2f}"
        )
        if refusal:
            return f"Refused by rule touch-cost: {self.policy.mql.refusals['touch-cost']} ({money})"
        money = money if self.revenue_known else "revenue not in the data"
        who = (profile or "not in the data") if self.profile_known else "profile not in the data"
        return f"Passed rule mql: profile ({who}) and initiative ({initiative}); {money}"


def _mask(conditions: Iterable[Condition], facts: TableFacts) -> Mask:
    mask = np.ones(len(facts.table), dtype=bool)
    for condition in conditions:
        mask &= condition.mask(facts)
    return mask


def _spoken(speakers: Speakers[What], facts: LeadFacts) -> list[What]:
    return [what for speaks, what in speakers if speaks(facts)]


def _label_column(criteria: Sequence[Criterion], facts: TableFacts) -> list[str]:
    """Return the labels that hold for each row, worked out once per combination."""
    if not criteria:
        return [""] * len(facts.table)
    masks = np.array([_mask(criterion.when, facts) for criterion in criteria])
    kinds, codes = np.unique(np.packbits(masks, axis=0).T, axis=0, return_inverse=True)
    held = np.unpackbits(kinds, axis=1, count=len(criteria)).astype(bool)
    texts = [", ".join(c.label for c, holds in zip(criteria, row, strict=True) if holds) for row in held]
    return [texts[code] for code in codes.ravel().tolist()]


def _speak(rules: Rows, speaks: Mask, spoken: Spoken) -> None:
    for row in np.flatnonzero(speaks).tolist():
        rules.setdefault(row, []).append(spoken)
