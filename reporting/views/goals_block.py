"""Goals with their progress, and the funnel backwards from the goal of revenue to spend."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from reporting.metrics.registry import METRICS
from reporting.page.page_model import Figure, FunnelStep, GoalProgress, GoalsBlock, Message, Quantity, Unit
from reporting.statistics.goal_probability import (
    Calibration,
    OpenLeadChances,
    RevenueUncertainty,
    count_reach_probability,
    reach_probability,
    revenue_draws,
)
from reporting.statistics.goal_targets import (
    FunnelRates,
    NeededFunnel,
    backward_funnel,
    expected_progress,
    furthest_behind,
)
from reporting.views.channel_returns import value_variation
from reporting.views.figure_texts import FigureMaker
from reporting.views.goals_file import Goal
from reporting.views.imported_inputs import INPUTS, READ, counted_inputs
from reporting.views.metric_inputs import MILLION, ScopeSums
from reporting.views.page_sums import PageSums, known, read_totals
from reporting.views.report_period import DayRange, days_of
from store import metric_sums, report_queries

if TYPE_CHECKING:
    from sqlalchemy import Connection

SEED = 7
YEARS = 4
LIKELY = 0.5
_STEPS = (
    ("wins", "wins", Message("Wins")),
    ("sqls", "sql", Message("SQL")),
    ("mqls", "mql", Message("MQL")),
    ("genuine_leads", "genuine", Message("Genuine leads")),
    ("visits", "sessions", Message("Visits")),
)
_SUMMED = frozenset({Unit.COUNT, Unit.MONEY})


@dataclass(frozen=True)
class GoalState:
    """A goal with the sums of its period.

    Attributes
    ----------
    value
        Of the metric so far; None where it is withheld.
    """

    goal: Goal
    days: DayRange
    totals: ScopeSums
    value: float | None
    progress: GoalProgress


def goal_states(
    connection: Connection, goals: Sequence[Goal], sums: PageSums, make: FigureMaker, tau: float
) -> list[GoalState]:
    """Return the goals that the reader may see, with the sums of their periods."""
    totals: dict[str, ScopeSums] = {}
    states = []
    for goal in goals:
        metric = METRICS[goal.metric]
        if not make.reader.sees(metric):
            continue
        days = days_of(goal.period, sums.today)
        if goal.period not in totals:
            totals[goal.period] = _totals(connection, sums, days.until(sums.today), {goal.metric for goal in goals})
        of_period = totals[goal.period]
        value = of_period.value(goal.metric)
        is_summed = metric.unit in _SUMMED and len(metric.inputs) == 1
        expected = expected_progress(goal.to, days.first, days.last, sums.today) if is_summed else goal.to
        quantity = make.quantity(metric, goal.to)
        if quantity is None:
            continue
        probability = _probability(goal, of_period, days, sums, tau) if is_summed else None
        progress = GoalProgress(quantity, expected, probability, goal.owner, goal.period)
        states.append(GoalState(goal, days, of_period, value, progress))
    return states


def _totals(connection: Connection, sums: PageSums, days: DayRange, metrics: Collection[str]) -> ScopeSums:
    """Return the sums of the period of a goal, with imported counts where one of the metrics needs them."""
    totals = known(read_totals(connection, sums, days), sums)
    needed = {name for metric in metrics for name in METRICS[metric].inputs}
    if not needed & INPUTS:
        return totals
    counts = metric_sums.daily_counts(connection, sums.filters.scope, READ, days.first, days.last)
    return replace(totals, further={**totals.further, **counted_inputs(counts)})


def progress_of(states: Sequence[GoalState], sums: PageSums) -> dict[str, GoalProgress]:
    """Return metric -> goal, of the goals whose period is that of the page."""
    return {state.goal.metric: state.progress for state in states if state.days == sums.filters.whole_days(sums.today)}


def goals_block(
    connection: Connection, states: Sequence[GoalState], sums: PageSums, make: FigureMaker
) -> GoalsBlock | None:
    """Return the block; None without goals."""
    figures = tuple(
        Figure(
            metric=state.goal.metric,
            title=METRICS[state.goal.metric].title,
            quantity=make.quantity(METRICS[state.goal.metric], state.value),
            goal=state.progress,
            href=make.href(state.goal.metric, sums.filters.with_(period=state.goal.period)),
            unit=METRICS[state.goal.metric].unit,
        )
        for state in states
    )
    if not states:
        return None
    target = _target(connection, sums, make)
    of_revenue = next((state for state in states if state.goal.metric == "revenue"), None)
    funnel = () if of_revenue is None else _funnel(of_revenue, sums, make)
    return GoalsBlock(figures, funnel, target)


def _probability(goal: Goal, totals: ScopeSums, days: DayRange, sums: PageSums, tau: float) -> float | None:
    """Return the probability to reach a goal of a sum."""
    inputs = totals.inputs
    if goal.metric == "revenue":
        if "revenue" not in inputs:
            return None
        leads = _open_leads(totals)
        if leads is None:
            return float(inputs["revenue"] >= goal.to)
        spread = RevenueUncertainty((Calibration(),), value_variation(totals.leads), tau)
        return reach_probability(goal.to, inputs["revenue"], revenue_draws(leads, spread, seed=SEED))
    value = totals.value(goal.metric)
    elapsed = days.until(sums.today).days / days.days
    if value is None or METRICS[goal.metric].unit is not Unit.COUNT:
        return None
    return count_reach_probability(goal.to, value, elapsed)


def _open_leads(totals: ScopeSums) -> OpenLeadChances | None:
    """Return the open leads of a scope, each with their mean probability and value."""
    count, wins = totals.leads.get("open_scored", 0), totals.leads.get("open_win_ppm", 0) / MILLION
    if not count or wins <= 0:
        return None
    value = totals.leads["open_value_micros"] / MILLION / wins
    return OpenLeadChances(np.full(count, wins / count), np.full(count, value), np.zeros(count, dtype=np.int64))


def _funnel(state: GoalState, sums: PageSums, make: FigureMaker) -> tuple[FunnelStep, ...]:
    """Return what the goal of revenue needs of each step, by the rates of the page, and what its period has."""
    rates = _rates(sums.total.inputs)
    needed = None if rates is None else backward_funnel(state.goal.to, rates)
    if needed is None:
        return ()
    inputs = state.totals.inputs
    present = NeededFunnel(
        inputs["revenue"],
        inputs["won"],
        inputs["sql"],
        inputs["mql"],
        inputs["genuine"],
        inputs.get("sessions", 0.0),
        inputs.get("spend", 0.0),
    )
    elapsed = state.days.until(sums.today).days / state.days.days
    worst = None
    if state.progress.probability is None or state.progress.probability < LIKELY:
        worst = furthest_behind(needed, present, elapsed)
    steps = [FunnelStep(Message("Revenue"), make.money(needed.revenue), make.money(present.revenue), False)]
    for name, source, title in _STEPS:
        has = source == "wins" or source in inputs
        count = Quantity(getattr(present, name)) if has else None
        steps.append(FunnelStep(title, Quantity(getattr(needed, name)), count, name == worst))
    spend = make.money(present.spend) if "spend" in inputs else None
    steps.append(FunnelStep(Message("Spend"), make.money(needed.spend), spend, False))
    return tuple(steps)


def _rates(inputs: Mapping[str, float]) -> FunnelRates | None:
    """Return the rates of the page; None where one is not known."""
    pairs = (("revenue", "won"), ("won", "sql"), ("sql", "mql"), ("mql", "genuine"), ("genuine", "sessions"))
    if any(inputs.get(name, 0.0) <= 0 for pair in pairs for name in pair) or "spend" not in inputs:
        return None
    value, wins, sqls, mqls, visits = (inputs[above] / inputs[below] for above, below in pairs)
    return FunnelRates(value, wins, sqls, mqls, visits, inputs["spend"] / inputs["genuine"])


def _target(connection: Connection, sums: PageSums, make: FigureMaker) -> Figure | None:
    """Return the target revenue of this year, from the revenue of the four before."""
    if not make.reader.money:
        return None
    year = sums.today.year
    revenue = report_queries.yearly_revenue(connection, sums.filters.scope, year - YEARS)
    names = ("revenue_last_year", "revenue_2_years_ago", "revenue_3_years_ago", "revenue_4_years_ago")
    known = {
        name: revenue[year - number] / MILLION
        for number, name in enumerate(names, start=1)
        if revenue.get(year - number)
    }
    name = "target_revenue" if sums.settings.report.growth_raise == "points" else "target_revenue_factor"
    value = ScopeSums(further=known).value(name)
    if value is None:
        return None
    return Figure(name, METRICS[name].title, make.money(value), note=METRICS[name].formula, unit=Unit.MONEY)
