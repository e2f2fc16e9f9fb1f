import dataclasses

import numpy as np
import pytest

from simulation.auction.market_outcomes import (
    by_month,
    gaining_cells,
    measure,
    settled_day,
    weekly_share,
    weeks_to_move,
)
from simulation.auction.market_run import run_market, warm_up
from simulation.auction.plain_signals import FormFills, TrueValue


@pytest.fixture(scope="module")
def runs(shift):
    return run_market(warm_up(shift), FormFills()), run_market(warm_up(shift), TrueValue())


def test_parts_give_the_whole(shift, runs):
    leads = shift.leads
    for run in runs:
        table = by_month(shift, run)
        spend = run.cost[leads.warm_up_days :].sum(axis=1, dtype=np.float64)
        bought = run.won & leads.bought & (leads.day >= leads.warm_up_days)
        whole = leads.world.truth["value"].to_numpy()[bought].sum() / spend.sum()
        assert len(table) == 18
        assert table["value_per_spend"].mean() == pytest.approx(whole, rel=0.1)


def test_figures_of_a_run_are_those_of_its_leads(shift, runs):
    first = settled_day(shift)
    outcome = measure(shift, runs[1], "value")
    late = runs[1].won & shift.leads.bought & (shift.leads.day >= first)
    truth = shift.leads.world.truth
    spend = runs[1].cost[first:].sum(dtype=np.float64)
    assert outcome.value_per_spend == pytest.approx(truth["value"].to_numpy()[late].sum() / spend, rel=1e-4)
    assert 0 <= outcome.junk_spend < outcome.junk_cost < 1
    assert outcome.spend_of_budget == pytest.approx(1.0, abs=0.05)
    assert np.isnan(measure(shift, runs[0], "count").reported_ratio)


def test_money_that_came_is_a_ratio_of_one(shift, runs):
    revenue = shift.leads.world.truth["revenue"].to_numpy()
    exact = dataclasses.replace(runs[1], reported=revenue)
    outcome = measure(shift, exact, "value")
    assert outcome.reported_ratio == pytest.approx(1.0)
    assert outcome.reportable_ratio == pytest.approx(1 / (1 - outcome.hidden_share))
    assert 0 < outcome.hidden_share < 1


def test_cells_gain_where_quality_rises(shift):
    gains = gaining_cells(shift)
    names = np.array(list(shift.leads.world.parameters.channels))[shift.cells.channel]
    assert gains[names == "search_partners"].mean() > gains[names == "search"].mean() + 0.3


def test_spend_moves_to_the_gaining_cells(shift, runs):
    _, true = runs
    assert ((weekly_share(shift, true) >= 0) & (weekly_share(shift, true) <= 1)).all()


def test_weeks_count_from_the_change():
    ideal = np.repeat([0.1, 0.5], [25, 53])
    late = np.repeat([0.3, 0.75], [35, 43])
    still = np.full(78, 0.6)
    assert weeks_to_move(ideal, ideal, 25) == 4
    assert weeks_to_move(late, ideal, 25) == 12
    assert weeks_to_move(still, ideal, 25) == 53
