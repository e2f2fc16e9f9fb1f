"""Backup and restore of a project: settings, keys, store, spool, registry and models."""
