"""Connector of Zoho CRM."""
