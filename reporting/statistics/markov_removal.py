"""Data-driven attribution: the Markov removal effect of order 1, exact by a linear system.

Anderl et al. (2016, International Journal of Research in Marketing 33(3)): leads move from channel to channel until
they are won or not. The removal effect of a channel is the share of wins that is lost where every visit to it ends
without a win; credit is proportional to it. It needs the paths of leads that were not won.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from leadworth.arrays import Matrix, Vector
from reporting.statistics.largest_remainder import divide

MINIMUM_WINS = 300
MINIMUM_WINS_OF_A_CHANNEL = 5

Paths = Mapping[tuple[str, ...], tuple[int, int]]
"""Channels in order -> leads won and leads not won on that path."""


@dataclass(frozen=True)
class MarkovShares:
    """Credit of each channel.

    Attributes
    ----------
    win_probability
        Probability that a path is won.
    removal
        Channel -> share of wins that is lost without it.
    shares
        Channel -> share of credit; they add up to 1.
    """

    win_probability: float
    removal: Mapping[str, float]
    shares: Mapping[str, float]

    def divide(self, cents: int) -> dict[str, int]:
        """Divide revenue between the channels, to the cent.

        Examples
        --------
        >>> MarkovShares(0.5, {}, {"A": 7 / 17, "B": 10 / 17}).divide(600_000)
        {'A': 247059, 'B': 352941}
        """
        return dict(zip(self.shares, divide(cents, list(self.shares.values())), strict=True))


def is_enough(paths: Paths) -> bool:
    """Return whether there are 300 wins, and 5 in each channel; below that the model is withheld.

    Examples
    --------
    >>> is_enough({("A",): (299, 10)}), is_enough({("A",): (300, 9)}), is_enough({("A",): (300, 9), ("A", "B"): (4, 0)})
    (False, True, False)
    """
    wins: dict[str, int] = {}
    for path, (won, _) in paths.items():
        for channel in set(path):
            wins[channel] = wins.get(channel, 0) + won
    total = sum(won for path, (won, _) in paths.items() if path)
    return total >= MINIMUM_WINS and min(wins.values(), default=0) >= MINIMUM_WINS_OF_A_CHANNEL


def markov_removal(paths: Paths) -> MarkovShares | None:
    """Return the credit of each channel, in order of name; None without a win on any path.

    Examples
    --------
    >>> result = markov_removal({("A", "B"): (3, 1), ("A",): (1, 3), ("B",): (2, 2)})
    >>> round(result.win_probability, 6), {name: round(part, 6) for name, part in result.removal.items()}
    (0.5, {'A': 0.583333, 'B': 0.833333})
    >>> result.divide(600_000)
    {'A': 247059, 'B': 352941}
    """
    channels = sorted({channel for path in paths for channel in path})
    if not sum(won for path, (won, _) in paths.items() if path):
        return None
    start, moves, wins = _transitions(paths, channels)
    probability = _win_probability(start, moves, wins)
    removal = {}
    for number, channel in enumerate(channels):
        others = np.arange(len(channels)) != number
        left = _win_probability(start[others], moves[np.ix_(others, others)], wins[others])
        removal[channel] = max(1.0 - left / probability, 0.0)
    total = sum(removal.values())
    return MarkovShares(probability, removal, {channel: effect / total for channel, effect in removal.items()})


def _transitions(paths: Paths, channels: Sequence[str]) -> tuple[Vector, Matrix, Vector]:
    """Return the probabilities of the first channel, of moves between channels, and of a win after a channel."""
    index = {channel: number for number, channel in enumerate(channels)}
    size = len(channels)
    start, wins, visits = np.zeros(size), np.zeros(size), np.zeros(size)
    moves = np.zeros((size, size))
    for path, (won, lost) in paths.items():
        leads = won + lost
        numbers = [index[channel] for channel in path]
        if not numbers:
            continue
        start[numbers[0]] += leads
        wins[numbers[-1]] += won
        for number, following in zip(numbers, [*numbers[1:], None], strict=True):
            visits[number] += leads
            if following is not None:
                moves[number, following] += leads
    visits = np.maximum(visits, 1e-12)
    return start / start.sum(), moves / visits[:, None], wins / visits


def _win_probability(start: Vector, moves: Matrix, wins: Vector) -> float:
    """Return the probability of a win from the start: start (1 - moves)^-1 wins."""
    return float(start @ np.linalg.solve(np.eye(len(start)) - moves, wins)) if len(start) else 0.0
