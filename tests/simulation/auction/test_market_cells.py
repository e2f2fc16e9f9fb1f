import numpy as np

from simulation.auction.market_cells import OPEN_AUDIENCE


def test_cells_are_sorted_by_platform(calm):
    cells = calm.cells
    assert (np.diff(cells.platform) >= 0).all()
    parts = [cells.of_platform(number) for number in range(len(calm.leads.platforms))]
    assert sum(part.stop - part.start for part in parts) == len(cells)
    assert all((cells.platform[part] == number).all() for number, part in enumerate(parts))


def test_junk_gathers_in_the_open_audience(calm):
    bought = calm.leads.bought
    is_open = calm.cells.audience[calm.leads.cell[bought]] == OPEN_AUDIENCE
    junk = calm.leads.world.truth["junk"].to_numpy()[bought]
    assert 0.65 < is_open[junk].mean() < 0.85
    assert 0.04 < is_open[~junk].mean() < 0.12


def test_volumes_are_heavy_tailed(calm):
    volume = np.sort(np.bincount(calm.leads.cell[calm.leads.bought]))[::-1]
    assert volume[: len(volume) // 5].sum() > 0.45 * volume.sum()


def test_the_share_of_the_day_is_that_of_the_submit(calm):
    at = calm.leads.world.truth["submitted_at"]
    assert np.allclose(calm.leads.passed, (at.dt.hour * 60 + at.dt.minute) / 1440, atol=1 / 1440)
