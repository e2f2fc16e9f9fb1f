"""Velocity stores: counts of recent leads and used tokens, in the process or in Redis by URL."""
