"""Batch scoring of files in bounded memory."""
