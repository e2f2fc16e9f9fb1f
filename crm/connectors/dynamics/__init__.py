"""Dynamics 365 Sales: tables of one Dataverse environment."""
