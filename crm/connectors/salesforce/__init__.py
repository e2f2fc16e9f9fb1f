"""Salesforce: leads, contacts, accounts, opportunities and activities of one org."""
