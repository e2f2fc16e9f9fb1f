"""Erasure of a person, retention, and the report on personal data."""
