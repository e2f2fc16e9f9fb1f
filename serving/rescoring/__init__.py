"""Nightly rescoring of the open leads of a CRM, and the write-back of their scores."""
