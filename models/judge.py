"""Apply the policy to one lead or to a table: verdict, MQL, and the rules that spoke.

Both ways ask the same conditions and combine them by the same functions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadworth.records import Lead, Verdict
from models.checks import add_to_table, checks_of_lead
from models.conditions import CHECKS, Condition, LeadFacts, Mask, Question, TableFacts, Vector
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


class Answers(NamedTuple):
    """What the policy's questions about one lead were answered with; holds nothing personal.

    `rules`, `signs`, `profile` and `initiative` are ids of entries that hold, `checks` names of checks. Signs are
    asked of suspects only.
    """

    rules: tuple[str, ...]
    signs: tuple[str, ...]
    profile: tuple[str, ...]
    initiative: tuple[str, ...]
    checks: tuple[str, ...]
    honeypot: bool

    def to_json(self) -> str:
        """Return the answers as JSON."""
        return json.dumps(self._asdict(), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        content = json.loads(text)
        rules, signs, profile, initiative, checks = (tuple(content[name]) for name in cls._fields[:-1])
        return cls(rules, signs, profile, initiative, checks, content["honeypot"])


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


Speakers = tuple[tuple[Question, str], ...]


@dataclass(frozen=True, slots=True)
class _Ready:
    """The conditions of a policy as questions about one lead, each with the id of its entry."""

    add_checks: Callable[[LeadFacts], None]
    rules: Speakers
    signs: Speakers
    profile: Speakers
    initiative: Speakers

    @classmethod
    def of(cls, policy: Policy, index: Mapping[str, int]) -> Self:
        part, mql = policy.verdict, policy.mql
        return cls(
            checks_of_lead(policy, index),
            *(
                tuple((_all(entry.when, index), entry.id) for entry in entries)
                for entries in (part.rules, part.signs, mql.profile, mql.initiative)
            ),
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
    _rules: dict[str, tuple[int, Spoken]] = field(init=False, repr=False, compare=False)
    _signs: dict[str, Spoken] = field(init=False, repr=False, compare=False)
    _profile: dict[str, str] = field(init=False, repr=False, compare=False)
    _initiative: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Find out whether profile can be judged at all, and make the conditions ready."""
        fields = set(self.fields)
        known = any(
            all(c.name in (self.index if c.kind == "feature" else fields) for c in criterion.when)
            for criterion in self.policy.mql.profile
        )
        object.__setattr__(self, "profile_known", known)
        part, mql = self.policy.verdict, self.policy.mql
        object.__setattr__(self, "_ready", _Ready.of(self.policy, self.index))
        rules = {rule.id: (_RANK[rule.verdict], (rule.id, rule.sentence)) for rule in part.rules}
        object.__setattr__(self, "_rules", rules)
        object.__setattr__(self, "_signs", {sign.id: (sign.id, sign.sentence) for sign in part.signs})
        object.__setattr__(self, "_profile", {criterion.id: criterion.label for criterion in mql.profile})
        object.__setattr__(self, "_initiative", {criterion.id: criterion.label for criterion in mql.initiative})

    def ask(self, lead: Lead, vector: Sequence[float], said: Numbers) -> Answers:
        """Ask the conditions of the policy about one lead; `vector` holds its features."""
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
        suspect = junk >= self.policy.verdict.review_junk
        return Answers(
            tuple(_spoken(ready.rules, facts)),
            tuple(_spoken(ready.signs, facts)) if suspect else (),
            tuple(_spoken(ready.profile, facts)),
            tuple(_spoken(ready.initiative, facts)),
            tuple(name for name, holds in facts.checks.items() if holds),
            bool(lead.honeypot_filled),
        )

    def decide(self, answers: Answers, said: Numbers, *, rejects: bool) -> Judgement:
        """Decide from the answers, without the lead.

        Parameters
        ----------
        answers
            What `ask` returned.
        said
            What the model said.
        rejects
            Whether the junk log-odds lie above the threshold that was promised to buyers.
        """
        win, revenue, junk = said.win_probability, said.expected_revenue, said.junk_probability
        rank, rules = self._verdict(answers, junk, rejects)
        profile = [self._profile[name] for name in answers.profile]
        initiative = [self._initiative[name] for name in answers.initiative]
        checks = {name: name in answers.checks for name in CHECKS}
        earned = win * revenue * self.margin
        flags = self._refusals(checks, junk, rank == _REJECTED, bool(profile), bool(initiative), earned)
        refusal = next((name for name, speaks in flags if speaks), "")
        reason = self._reason(refusal, ", ".join(profile), ", ".join(initiative), win, revenue, junk)
        return Judgement(_VERDICTS[rank], not refusal, reason, tuple(rules))

    def _verdict(self, answers: Answers, junk: float, rejects: bool) -> tuple[int, list[Spoken]]:
        rules = [self._rules[name] for name in answers.rules]
        rank = max([rank for rank, _ in rules], default=0)
        spoken = [said for _, said in rules]
        if junk < self.policy.verdict.review_junk:
            return rank, spoken
        software = answers.honeypot or "automated" in answers.checks
        held = rejects and software and not answers.signs
        rank = max(rank, _REJECTED if rejects and not held else 1)
        return rank, [*spoken, *(self._signs[name] for name in answers.signs), self._junk_rule(junk, rejects, held)]

    def many(
        self, table: pd.DataFrame, matrix: NDArray[np.float64], said: Mapping[str, Vector], rejects: Mask
    ) -> Judgements:
        """Judge every row of a lead table; `said` (the fields of `Numbers`) and `rejects` are arrays."""
        policy = self.policy
        value = said["win_probability"] * said["expected_revenue"]
        facts = TableFacts(table, matrix, self.index, {**said, "predicted_value": value})
        add_to_table(facts, policy)
        rank, rules = self._verdicts(facts, rejects)
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

    def _verdicts(self, facts: TableFacts, rejects: Mask) -> tuple[NDArray[np.int64], Rows]:
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
        held = rejects & software & ~signed
        rank[suspect] = np.maximum(rank[suspect], np.where(rejects & ~held, _REJECTED, 1)[suspect])
        for row in np.flatnonzero(suspect).tolist():
            rules.setdefault(row, []).append(self._junk_rule(float(junk[row]), bool(rejects[row]), bool(held[row])))
        return rank, rules

    def _junk_rule(self, junk: float, rejects: bool, held: bool) -> Spoken:
        if held:
            return "junk-held", (
                f"Junk probability {junk:.0%}, but nothing speaks for it beyond a honeypot or automation, "
                "which alone never reject"
            )
        if rejects:
            return "junk", f"Junk probability {junk:.0%}, above what all but a promised few of the genuine buyers have"
        return "junk", f"Junk probability {junk:.0%}, at or above {self.policy.verdict.review_junk:.0%}"

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


def _spoken(speakers: Speakers, facts: LeadFacts) -> list[str]:
    return [name for speaks, name in speakers if speaks(facts)]


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
