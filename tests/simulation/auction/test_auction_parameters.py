import pytest

from leadworth.errors import ConfigurationError
from simulation.auction.auction_parameters import auction_parameters
from simulation.parameters import parameters


def test_platforms_and_changes_name_what_the_world_has():
    rules = auction_parameters()
    channels = parameters().channels
    assert set(rules.platforms) <= {channel.platform for channel in channels.values()}
    assert {name for changed in rules.scenarios.values() for name in changed} <= set(channels)


def test_unknown_scenarios_are_named():
    with pytest.raises(ConfigurationError, match="no market scenario 'storm'"):
        auction_parameters().changes("storm")
