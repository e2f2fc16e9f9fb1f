from simulation.auction.signal_registry import BOUND, REFERENCE, SIGNALS, run_signals


def test_names_are_those_of_the_signals():
    assert all(kind().name == name for name, kind in SIGNALS.items())
    assert {REFERENCE, BOUND} <= set(SIGNALS)


def test_the_bound_is_not_below_the_reference(calm):
    truth = calm.leads.world.truth["value"].to_numpy()
    late = calm.leads.bought & (calm.leads.day >= calm.leads.warm_up_days)
    won = {signal.name: float(truth[run.won & late].sum()) for signal, run in run_signals(calm, [REFERENCE, BOUND])}
    assert won[BOUND] > won[REFERENCE]
