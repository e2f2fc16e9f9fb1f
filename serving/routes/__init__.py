"""The addresses of the scoring service."""
