"""Readers of written values, one module per kind: a value, None where it is missing, or `Unreadable`."""
