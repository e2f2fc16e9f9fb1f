"""Markov removal: the worked example, a simulated chain, and revenue to the cent."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.statistics.markov_removal import Paths, is_enough, markov_removal

EXAMPLE: Paths = {("A", "B"): (3, 1), ("A",): (1, 3), ("B",): (2, 2)}
counts = st.tuples(st.integers(0, 50), st.integers(0, 50))
drawn_paths = st.dictionaries(st.lists(st.sampled_from("ABCD"), min_size=1, max_size=5).map(tuple), counts, min_size=1)


def test_the_example_of_the_specification() -> None:
    result = markov_removal(EXAMPLE)
    assert result is not None
    assert result.win_probability == pytest.approx(1 / 2)
    assert result.removal == pytest.approx({"A": 7 / 12, "B": 5 / 6})
    assert result.shares == pytest.approx({"A": 7 / 17, "B": 10 / 17})
    assert result.divide(600_000) == {"A": 247_059, "B": 352_941}


def test_six_wins_are_what_the_published_simulation_gives() -> None:
    result = markov_removal(EXAMPLE)
    assert result is not None
    assert 6 * result.shares["A"] == pytest.approx(2.4706, abs=5e-5)  # ChannelAttribution 2.2.5
    assert 6 * result.shares["B"] == pytest.approx(3.5294, abs=5e-5)


def simulated_win_share(paths: Paths, without: str | None, generator: np.random.Generator, walks: int) -> float:
    """Return the share of walks that are won, on moves drawn as seen in the paths."""
    moves: dict[str, list[tuple[str, int]]] = {}
    for path, (won, lost) in paths.items():
        stops = ["start", *path]
        for here, there in pairwise(stops):
            moves.setdefault(here, []).append((there, won + lost))
        moves.setdefault(path[-1], []).extend([("won", won), ("lost", lost)])
    tables = {}
    for here, ways in moves.items():
        weights = np.array([weight for _, weight in ways], dtype=float)
        tables[here] = ([name for name, _ in ways], np.cumsum(weights / weights.sum()))
    wins = 0
    for _ in range(walks):
        here = "start"
        while here in tables and here != without:
            names, shares = tables[here]
            here = names[int(np.searchsorted(shares, generator.random(), side="right"))]
        wins += here == "won"
    return wins / walks


@pytest.mark.parametrize(
    "paths", [EXAMPLE, {("A", "B", "A"): (5, 5), ("C", "A"): (1, 9), ("B", "B"): (4, 2), ("C",): (1, 3)}]
)
def test_the_linear_system_agrees_with_simulated_walks(paths: Paths) -> None:
    result = markov_removal(paths)
    assert result is not None
    generator = np.random.default_rng(4)
    full = simulated_win_share(paths, None, generator, 20_000)
    assert full == pytest.approx(result.win_probability, abs=0.012)
    for channel, effect in result.removal.items():
        left = simulated_win_share(paths, channel, generator, 20_000)
        assert 1 - left / result.win_probability == pytest.approx(effect, abs=0.03)


@given(paths=drawn_paths, cents=st.integers(0, 10**12))
def test_shares_add_up_to_revenue_to_the_cent(paths: Paths, cents: int) -> None:
    result = markov_removal(paths)
    if result is None:
        assert not any(won for won, _ in paths.values())
        return
    assert sum(result.shares.values()) == pytest.approx(1.0)
    assert sum(result.divide(cents).values()) == cents
    assert all(-1e-9 <= effect <= 1 + 1e-9 for effect in result.removal.values())


def test_a_channel_that_every_win_needs_has_the_whole_removal_effect() -> None:
    result = markov_removal({("A", "B"): (4, 4), ("C", "B"): (4, 4)})
    assert result is not None
    assert result.removal["B"] == pytest.approx(1.0)


def test_withheld_below_300_wins_or_five_in_a_channel() -> None:
    assert not is_enough({("A",): (299, 0)})
    assert is_enough({("A",): (295, 0), ("B",): (5, 0)})
    assert not is_enough({("A",): (296, 0), ("B",): (4, 0)})
    assert not is_enough({("A",): (300, 0), ("B",): (0, 50)})
    assert not is_enough({})
    assert not is_enough({(): (400, 0)})
