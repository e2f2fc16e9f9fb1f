"""Leakage audit: find columns that contain the outcome, from the data and not from their names.

A column that is filled in after the outcome makes a model look excellent in evaluation and fail on new
leads. Every training starts with this audit. Each test looks for one trace that such columns leave, and a
finding states its evidence in numbers. Strong findings stop training until the column is ignored or allowed.

The limits were set on x_education and bank_marketing, whose late columns are known, against the columns
known at submit there and in insurance_quotes, ibm_win_loss and olist_funnel, then checked on simulated
histories with planted leaks (`tests/training/test_leakage_audit.py`). The strongest column known at submit
in those sets reaches an AUC of 0.78 alone; `docs/explanation/leakage.md` has the table.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import spearmanr

from leadworth.arrays import Vector
from leadworth.privacy import redact
from training.closing_fill import closing_auc, filled_by_state
from training.discrimination import auc, auc_loss_without, auc_lower_bound, cross_fitted_rate
from training.fit_sample import random_part
from training.leakage_finding import LeakageAudit, LeakageFinding, Strength
from training.time_split import KnownHistory

MINIMUM_WINS = 20
SINGLE_STRONG = 0.90
SINGLE_WEAK = 0.80
IRREPLACEABLE = 0.03
FILL_STRONG = 0.40
FILL_WEAK = 0.10
FILL_ONLY_WON = 0.02
ONLY_WON_LEADS = 30
"""Minimum leads of a value that only won leads have."""
ONLY_WON_OTHERS = 0.01
_COMMON_WIN_RATE = 0.7
LIFE_STRONG = 0.80
LIFE_WEAK = 0.55
TOGETHER_COLUMNS = 3
TOGETHER_VALUE = 0.04
EXPLAINED = 0.90
OVERWRITTEN_SHARED = 5
OVERWRITTEN_VALUE = 0.05
IDENTIFIER_STRONG = 0.10
IDENTIFIER_WEAK = 0.05
SUBMITTED_AT = "submitted_at"
PRECISION_STRONG = 0.25
PRECISION_WEAK = 0.10
SAME_AS_REVENUE = 0.50
AFTER_SUBMIT_STRONG = 0.05
AFTER_SUBMIT_WEAK = 0.01


@dataclass(frozen=True)
class _Case:
    """Input of the tests: columns, outcome, and each column's cross-fitted win rate and AUC.

    `time_column` is the name of the time of submit in the report; empty if no feature is made of it.
    """

    columns: pd.DataFrame
    won: NDArray[np.bool_]
    delay_days: Vector
    revenue: Vector
    submitted_at: pd.Series
    time_column: str
    rates: dict[str, Vector]
    single: dict[str, float]


def audit_history(
    known: KnownHistory, seed: int = 7, late: Collection[str] = (), *, most: int | None = None
) -> LeakageAudit:
    """Audit the columns of the file that become features, under their names in the file.

    Parameters
    ----------
    late
        Columns that sales fills while it works a lead, as the data of a CRM say; each one in use is a weak finding.
    most
        Number of leads above which a random sample of this size is audited; None for no limit.
    """
    columns = known.columns or None
    labels = random_part(known.labels, most, seed)
    found = audit(known.leads, labels, seed, columns=columns, ignored=known.ignored)
    used = sorted(set(_names(known.leads, columns, known.ignored).values()) & set(late))
    named = [LeakageFinding(name, "late_field", "weak", "the CRM fills it while sales works the lead") for name in used]
    return replace(found, findings=(*found.findings, *named))


def audit(
    leads: pd.DataFrame,
    labels: pd.DataFrame,
    seed: int = 7,
    *,
    columns: Mapping[str, str] | None = None,
    ignored: Collection[str] = (),
) -> LeakageAudit:
    """Audit every column of the lead table that could become a feature.

    Parameters
    ----------
    leads
        Lead table; columns `extras.<name>` are reported as `<name>`.
    labels
        Output of `training.labels.label`, indexed like rows of `leads`.
    seed
        Seed of the cross-fitting.
    columns
        Field of the lead table -> column of the file, under which it is reported; all other fields, such as counts of
        leadworth, are not audited. None: every column of the table.
    ignored
        Fields that are never features.

    Returns
    -------
    LeakageAudit
        With fewer than 20 wins, too few to distinguish a leak from chance, only what open and closed leads show.
    """
    names = _names(leads, columns, ignored)
    time_column = names.pop(SUBMITTED_AT, "")
    leads = leads.loc[labels.index]
    table = _columns(leads, names)
    closing = (*_filled_at_closing(table, labels), *_set_at_closing(table, labels, seed))
    labels = labels.loc[_settled(labels)]
    leads = leads.loc[labels.index]
    table = _columns(leads, names)
    won = labels["state"].eq("won").to_numpy()
    wins = int(won.sum())
    if wins < MINIMUM_WINS or wins == len(won):
        return LeakageAudit(closing, wins)
    rates = {str(name): cross_fitted_rate(table[name], won, seed) for name in table}
    case = _Case(
        columns=table,
        won=won,
        delay_days=labels["delay_days"].to_numpy(float),
        revenue=labels["revenue"].to_numpy(float),
        submitted_at=leads[SUBMITTED_AT] if SUBMITTED_AT in leads else pd.Series(pd.NaT, index=leads.index),
        time_column=time_column,
        rates=rates,
        single={name: auc_lower_bound(won, rate) for name, rate in rates.items()},
    )
    return LeakageAudit((*(finding for test in _TESTS for finding in test(case)), *closing), wins)


def _names(leads: pd.DataFrame, columns: Mapping[str, str] | None, ignored: Collection[str]) -> dict[str, str]:
    """Return field of the lead table -> name in the report, of the fields to audit."""
    if columns is None:
        columns = {str(name): str(name).removeprefix("extras.") for name in leads.columns}
    skipped = {"lead_id", "order", *ignored}
    return {name: columns[name] for name in map(str, leads.columns) if name in columns and name not in skipped}


def _columns(leads: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the columns to audit that have more than one value, under their names in the report."""
    columns = leads[list(names)].rename(columns=dict(names))
    return columns.loc[:, ~columns.columns.duplicated() & (columns.nunique(dropna=False) > 1).to_numpy()]


def _settled(labels: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which leads are won, lost, or open for longer than 80 % of the wins took."""
    usual_delay = labels["delay_days"].quantile(0.8)
    old = labels["age_days"] > usual_delay if np.isfinite(usual_delay) else labels["age_days"].notna()
    settled: NDArray[np.bool_] = (labels["state"].ne("open") | old).to_numpy(bool)
    return settled


def _single_column(case: _Case) -> Iterator[LeakageFinding]:
    """Find a column that discriminates far better than all others."""
    for name, value in case.single.items():
        if value < SINGLE_WEAK:
            continue
        loss = auc_loss_without(case.rates, name, case.won)
        strong = value >= SINGLE_STRONG or loss >= IRREPLACEABLE
        yield LeakageFinding(
            name,
            "single_column",
            "strong" if strong else "weak",
            f"separates won from other leads alone (AUC at least {value:.2f}); the others lose {loss:.3f} without it",
        )


def _fill(case: _Case) -> Iterator[LeakageFinding]:
    """Find columns that are filled mostly for one outcome."""
    for name in case.columns:
        filled = case.columns[name].notna().to_numpy()
        if filled.all() or not filled.any():
            continue
        bias = abs(auc(case.won, filled.astype(float)) - 0.5)
        if bias >= FILL_WEAK:
            of_won, of_others = filled[case.won].mean(), filled[~case.won].mean()
            strong = bias >= FILL_STRONG or min(of_won, of_others) <= FILL_ONLY_WON
            evidence = f"filled for {of_won:.0%} of won and {of_others:.0%} of other leads"
            yield LeakageFinding(str(name), "filled_after_outcome", "strong" if strong else "weak", evidence)


def _only_won(case: _Case) -> Iterator[LeakageFinding]:
    """Find a text that only won leads have, though wins are no rule: it is written when a lead becomes a customer."""
    if case.won.mean() > _COMMON_WIN_RATE:
        return
    for name in case.columns.select_dtypes(exclude="number"):
        outcomes = pd.Series(case.won).groupby(case.columns[name].to_numpy())
        leads, wins = outcomes.size(), outcomes.sum()
        share = (1.0 - wins / leads)[leads >= ONLY_WON_LEADS]
        if len(share) and share.min() <= ONLY_WON_OTHERS:
            value = share.idxmin()
            won = int(wins.to_dict()[value])
            others = int(leads.to_dict()[value]) - won
            yield LeakageFinding(
                str(name),
                "only_won",
                "strong",
                f"{redact(str(value))!r} is written for {won:,} won leads and {others:,} others; "
                f"of all leads {case.won.mean():.0%} are won",
            )


def _filled_at_closing(columns: pd.DataFrame, labels: pd.DataFrame) -> Iterator[LeakageFinding]:
    """Find columns that are filled when a lead is closed, whether it is won or lost."""
    for name, (of_open, of_closed) in filled_by_state(columns, labels).items():
        bias = abs(of_closed - of_open) / 2
        if bias >= FILL_WEAK:
            strong = bias >= FILL_STRONG or min(of_open, of_closed) <= FILL_ONLY_WON
            evidence = f"filled for {of_closed:.0%} of closed and {of_open:.0%} of open leads of the same age"
            yield LeakageFinding(name, "filled_at_closing", "strong" if strong else "weak", evidence)


def _set_at_closing(columns: pd.DataFrame, labels: pd.DataFrame, seed: int) -> Iterator[LeakageFinding]:
    """Find columns whose values distinguish closed from open leads, such as a status that sales sets."""
    for name, value in closing_auc(columns, labels, seed).items():
        if value >= SINGLE_WEAK:
            yield LeakageFinding(
                name,
                "set_at_closing",
                "strong" if value >= SINGLE_STRONG else "weak",
                f"its values separate closed from open leads of the same age (AUC at least {value:.2f})",
            )


def _filled_together(case: _Case) -> Iterator[LeakageFinding]:
    """Find columns that are filled on exactly the same leads: one later process wrote them."""
    groups: dict[bytes, list[str]] = {}
    for name in case.columns:
        filled = case.columns[name].notna().to_numpy()
        if 0.05 < filled.mean() < 0.95:
            groups.setdefault(np.packbits(filled).tobytes(), []).append(str(name))
    for names in groups.values():
        value = max(case.single[name] for name in names) - 0.5
        if len(names) < TOGETHER_COLUMNS or value < TOGETHER_VALUE or _explained(case, names):
            continue
        share = case.columns[names[0]].notna().mean()
        for name in names:
            others = ", ".join(other for other in names if other != name)
            yield LeakageFinding(
                name, "filled_together", "weak", f"filled on exactly the same {share:.0%} of leads as {others}"
            )


def _explained(case: _Case, names: Sequence[str]) -> bool:
    """Return whether another column, such as the form or the channel, explains which leads are filled."""
    filled = case.columns[names[0]].notna().to_numpy()
    others = (case.columns[name] for name in case.columns if name not in names)
    return any(auc(filled, cross_fitted_rate(other, filled, seed=0)) >= EXPLAINED for other in others)


def _overwritten(case: _Case) -> Iterator[LeakageFinding]:
    """Find two columns with the same values that differ where the outcome differs: one is overwritten later."""
    values = {
        str(name): set(case.columns[name].dropna().unique())
        for name in case.columns
        if not pd.api.types.is_numeric_dtype(case.columns[name]) and case.columns[name].nunique() <= 200
    }
    for first, second in combinations(values, 2):
        shared = values[first] & values[second]
        if len(shared) < max(OVERWRITTEN_SHARED, 0.5 * min(len(values[first]), len(values[second]))):
            continue
        same = case.columns[first].eq(case.columns[second]).to_numpy()
        if not 0.02 < same.mean() < 0.98 or abs(auc(case.won, same.astype(float)) - 0.5) < OVERWRITTEN_VALUE:
            continue
        for name, other in ((first, second), (second, first)):
            evidence = (
                f"shares {len(shared)} values with {other}; {case.won[same].mean():.0%} are won where they agree, "
                f"{case.won[~same].mean():.0%} where not: one of them changes after the submit"
            )
            yield LeakageFinding(name, "changes_with_outcome", "weak", evidence)


def _measured_over_life(case: _Case) -> Iterator[LeakageFinding]:
    """Find a number that grows with the time it took to win."""
    dated = np.isfinite(case.delay_days)
    for name in case.columns.select_dtypes("number"):
        values = case.columns[name].to_numpy(float)
        both = dated & np.isfinite(values)
        if both.sum() < MINIMUM_WINS or np.ptp(values[both]) == 0 or np.ptp(case.delay_days[both]) == 0:
            continue
        rho = float(spearmanr(values[both], case.delay_days[both]).statistic)
        if abs(rho) >= LIFE_WEAK:
            strength: Strength = "strong" if abs(rho) >= LIFE_STRONG else "weak"
            yield LeakageFinding(
                str(name), "measured_over_life", strength, f"rank correlation {rho:+.2f} with the days to win"
            )


def _identifier(case: _Case) -> Iterator[LeakageFinding]:
    """Find a number that differs for nearly every lead and ranks the outcome."""
    for name in case.columns.select_dtypes("number"):
        values = case.columns[name].dropna()
        if len(values) < 100 or values.nunique() < 0.95 * len(values) or not (values % 1 == 0).all():
            continue
        bias = case.single[str(name)] - 0.5
        if bias >= IDENTIFIER_WEAK:
            strength: Strength = "strong" if bias >= IDENTIFIER_STRONG else "weak"
            evidence = f"a different whole number for each lead that ranks the outcome (AUC {0.5 + bias:.2f})"
            yield LeakageFinding(str(name), "identifier", strength, evidence)


def _timestamp(case: _Case) -> Iterator[LeakageFinding]:
    """Find a submit time whose precision differs by outcome: won leads were entered by hand."""
    stamps = case.submitted_at.dropna()
    if case.time_column and len(stamps) == len(case.won):
        yield from _precision(case.time_column, stamps, case.won)


def _precision(name: str, stamps: pd.Series, won: NDArray[np.bool_]) -> Iterator[LeakageFinding]:
    # A day without a time is at midnight; in another time zone, or in a spreadsheet, at another whole or half hour.
    marks = {
        what: (stamps == stamps.dt.floor(unit)).to_numpy()
        for what, unit in (("midnight", "D"), ("a whole or half hour", "30min"), ("a whole second", "s"))
    }
    biases = {
        what: abs(auc(won, mark.astype(float)) - 0.5) if 0 < mark.mean() < 1 else 0.0 for what, mark in marks.items()
    }
    what = max(biases, key=biases.__getitem__)
    if biases[what] >= PRECISION_WEAK:
        strength: Strength = "strong" if biases[what] >= PRECISION_STRONG else "weak"
        of_won, of_others = marks[what][won].mean(), marks[what][~won].mean()
        evidence = f"is at {what} for {of_won:.0%} of won and {of_others:.0%} of other leads"
        yield LeakageFinding(name, "timestamp_precision", strength, evidence)


def _later_than_submit(case: _Case) -> Iterator[LeakageFinding]:
    """Find dates after the submit, which were not known at submit."""
    if case.submitted_at.isna().all():
        return
    for name in case.columns:
        column = case.columns[name]
        if pd.api.types.is_numeric_dtype(column):
            continue
        dates = pd.to_datetime(column, errors="coerce", utc=True, format="ISO8601")
        if dates.notna().sum() < 0.8 * max(column.notna().sum(), 1):
            continue
        later = float((dates > case.submitted_at + pd.Timedelta(days=1)).mean())
        if later >= AFTER_SUBMIT_WEAK:
            strength: Strength = "strong" if later >= AFTER_SUBMIT_STRONG else "weak"
            yield LeakageFinding(
                str(name), "later_than_submit", strength, f"a date after the submit on {later:.0%} of leads"
            )


def _same_as_revenue(case: _Case) -> Iterator[LeakageFinding]:
    """Find a number that equals the revenue: fine for a quote, a leak for an invoice."""
    paid = case.won & np.isfinite(case.revenue) & (case.revenue > 0)
    if paid.sum() < MINIMUM_WINS:
        return
    for name in case.columns.select_dtypes("number"):
        same = float(np.isclose(case.columns[name].to_numpy(float)[paid], case.revenue[paid]).mean())
        if same >= SAME_AS_REVENUE:
            yield LeakageFinding(str(name), "same_as_revenue", "weak", f"equals the revenue of {same:.0%} of won leads")


_TESTS: tuple[Callable[[_Case], Iterator[LeakageFinding]], ...] = (
    _single_column,
    _fill,
    _only_won,
    _filled_together,
    _overwritten,
    _measured_over_life,
    _identifier,
    _timestamp,
    _later_than_submit,
    _same_as_revenue,
)
