"""Simulated CRM with known truth: a source of leads and outcomes like any other."""

from simulation.parameters import Parameters, parameters, scenarios
from simulation.world import Simulation, simulate

__all__ = ["Parameters", "Simulation", "parameters", "scenarios", "simulate"]
