import numpy as np
import pytest

from simulation.auction.fitted_signals import DecileValues, NinetyDayTarget, QuartileTiers


@pytest.fixture
def had(calm):
    return np.flatnonzero(calm.leads.day < 250)


@pytest.mark.parametrize(("kind", "levels"), [(QuartileTiers, 4), (DecileValues, 10)])
def test_tiers_have_few_values_that_rank_the_true_ones(calm, had, kind, levels):
    signal = kind()
    signal.start(calm.leads, had)
    signal._scored[:] = True
    values = signal.fit(had, 300)
    assert len(np.unique(values)) <= levels
    later = calm.leads.day >= 250
    true = calm.leads.world.truth["value"].to_numpy()
    assert true[later & (values == values.max())].mean() > 2 * true[later & (values == values.min())].mean()


def test_nothing_of_the_future_is_used(calm, had):
    signal = NinetyDayTarget()
    signal.start(calm.leads, had)
    before = signal.fit(had, 300)
    signal._won_day = np.where(signal._won_day < 300, signal._won_day, np.inf)
    assert (signal.fit(had, 300) == before).all()


def test_ninety_days_promise_less_than_all(calm, had):
    signal = NinetyDayTarget()
    signal.start(calm.leads, had)
    values = signal.fit(had, 365)
    assert 0 < values[had].sum() < calm.leads.world.truth["value"].to_numpy()[had].sum()


def test_all_bought_leads_are_reported(calm, had):
    signal = QuartileTiers()
    signal.start(calm.leads, had)
    won = np.flatnonzero(calm.leads.day == 260)
    assert signal.report(260, won).lead.tolist() == won[calm.leads.bought[won]].tolist()
