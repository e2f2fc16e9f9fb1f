"""CRM connectors: one folder per CRM, found by name."""
