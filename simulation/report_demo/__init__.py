"""Replays of `leadworth report demo`: simulated businesses whose truth the page is compared with."""
