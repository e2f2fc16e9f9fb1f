"""A simulated CRM: a source like any other, with known truth."""

from simulation.parameters import Parameters, parameters, scenarios
from simulation.world import Simulation, simulate

__all__ = ["Parameters", "Simulation", "parameters", "scenarios", "simulate"]
