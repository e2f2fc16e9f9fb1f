import dataclasses

import numpy as np
import pytest

from simulation.auction.market_contract import Conversions
from simulation.auction.market_run import RunningMarket, run_market, warm_up
from simulation.auction.plain_signals import FormFills, TrueValue


@pytest.fixture(scope="module")
def run(calm):
    return run_market(warm_up(calm), TrueValue())


def test_spend_is_within_the_budget_and_uses_it(calm, run):
    for number, budget in enumerate(calm.daily_budget):
        part = calm.cells.of_platform(number)
        daily = run.cost[:, part].sum(axis=1, dtype=np.float64)
        assert daily.max() <= 2 * budget * 1.001
        assert daily.sum() <= budget * calm.leads.days * 1.001
        assert daily[30:].sum() >= 0.97 * budget * (calm.leads.days - 30)


def test_leads_without_an_auction_come_anyway(calm, run):
    assert run.won[~calm.leads.bought].all()


def test_the_same_signal_gives_the_same_run(calm, run):
    again = run_market(warm_up(calm), TrueValue())
    assert (again.won == run.won).all()


def test_the_warm_up_is_the_same_for_all_signals(calm, run):
    fills = run_market(warm_up(calm), FormFills())
    early = calm.leads.day < calm.leads.warm_up_days
    assert (fills.won[early] == run.won[early]).all()
    assert (fills.won[~early] != run.won[~early]).any()


def test_the_signal_sees_each_won_lead_once(calm):
    class Recorded(FormFills):
        def report(self, day, won):
            seen.append(won)
            assert (calm.leads.day[won] == day).all()
            return super().report(day, won)

    seen: list[np.ndarray] = []
    run = run_market(warm_up(calm), Recorded())
    later = np.flatnonzero(run.won & (calm.leads.day >= calm.leads.warm_up_days))
    assert sorted(np.concatenate(seen).tolist()) == later.tolist()


def test_old_clicks_and_unsold_leads_are_not_accepted(calm):
    running = RunningMarket(calm)
    google = np.flatnonzero((calm.leads.platform == 0) & (calm.leads.day == 0))[:2]
    running.won[google[0]] = True
    day = calm.parameters.platforms["google"].window_days
    running.accept(day, Conversions(google, np.array([7.0, 7.0])))
    assert running.known[google].tolist() == [7.0, 0.0]
    running.accept(day + 1, Conversions(google, np.array([9.0, 9.0])))
    assert running.known[google].tolist() == [7.0, 0.0]


def test_without_budget_nothing_is_won(calm):
    poor = dataclasses.replace(calm, daily_budget=np.full(3, 1e-9))
    run = run_market(warm_up(poor), FormFills())
    assert not run.won[calm.leads.bought].any()
