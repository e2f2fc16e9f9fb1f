from simulation.auction.facts_at_submit import lead_facts, points


def test_one_row_of_numbers_per_lead(calm):
    leads = calm.leads.world.leads
    facts = lead_facts(leads)
    assert len(facts) == len(leads)
    assert all(kind.kind == "f" for kind in facts.dtypes)
    assert 0.1 < facts["free mail"].mean() < 0.7


def test_points_are_between_0_and_100(calm):
    given = points(lead_facts(calm.leads.world.leads))
    assert given.between(0, 100).all()
    assert given.nunique() > 10
