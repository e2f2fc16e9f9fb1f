"""Schema inference: propose leadworth.toml from the exports of a CRM."""
