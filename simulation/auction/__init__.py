"""Simulated ad market: bidders that learn from conversion signals."""
