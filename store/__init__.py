"""Application database: decision log, feedback, consents, outbox, API keys and idempotency records.

SQLite by default, PostgreSQL by URL. All SQL on this database is in this package. Identifiers of people are
stored encrypted; no other column holds an e-mail address, phone number or click id.
"""
