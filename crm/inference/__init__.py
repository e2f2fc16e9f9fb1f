"""Recognise what the exports of a CRM hold, and propose leadworth.toml from them."""
