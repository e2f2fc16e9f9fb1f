import pytest

from simulation.auction.ad_market import AdMarket, build_market
from simulation.auction.auction_parameters import auction_parameters


def small(scenario: str) -> AdMarket:
    return build_market(auction_parameters(), scenario, 3, leads=6000, shorter=0.4)


@pytest.fixture(scope="session")
def calm() -> AdMarket:
    return small("calm")


@pytest.fixture(scope="session")
def shift() -> AdMarket:
    return small("shift")


@pytest.fixture(scope="session")
def flood() -> AdMarket:
    return small("flood")
