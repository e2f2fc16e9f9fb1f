"""A simulated CRM: a source like any other, with known truth."""

from connectors.crm.simulated.parameters import Parameters, parameters, scenarios
from connectors.crm.simulated.world import Simulation, simulate

__all__ = ["Parameters", "Simulation", "parameters", "scenarios", "simulate"]
