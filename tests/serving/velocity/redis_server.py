"""The Redis that tests use."""

URL = "redis://127.0.0.1:6379/9"
