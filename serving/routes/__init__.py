"""Routes of the scoring service."""
