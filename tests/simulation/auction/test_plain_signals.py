import numpy as np

from simulation.auction.market_run import run_market, warm_up
from simulation.auction.plain_signals import CaptchaFills, ClosedWon, FormFills, HandMadePoints, MqlCount, TrueValue


def test_submit_signals_report_bought_leads_once(calm):
    won = np.flatnonzero(calm.leads.day == 200)
    for kind in (FormFills, CaptchaFills, MqlCount, HandMadePoints, TrueValue):
        signal = kind()
        signal.start(calm.leads, won[:0])
        sent = signal.report(200, won)
        assert calm.leads.bought[sent.lead].all()
        assert len(set(sent.lead)) == len(sent)
        assert (sent.value > 0).all()
        if signal.objective == "count":
            assert set(sent.value) <= {1.0}


def test_a_captcha_stops_bots_and_not_people(calm):
    passed = CaptchaFills().values(calm.leads) > 0
    truth = calm.leads.world.truth
    assert passed[~truth["junk"]].all()
    assert passed[truth["automated"] & truth["junk"]].mean() < 0.5


def test_points_rank_leads_by_value_better_than_chance(calm):
    points = HandMadePoints().values(calm.leads)
    value = calm.leads.world.truth["value"].to_numpy()
    top = points >= np.quantile(points, 0.8)
    assert value[top].mean() > 1.5 * value.mean()


def test_deals_are_reported_on_the_day_they_close(calm):
    signal = ClosedWon()
    run = run_market(warm_up(calm), signal)
    truth = calm.leads.world.truth
    reported = np.flatnonzero(run.reported)
    assert truth["wins"].to_numpy()[reported].all()
    assert (run.reported[reported] == truth["revenue"].to_numpy()[reported]).all()
