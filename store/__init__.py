"""The decision store: every score that was given, the API keys, and the answers to repeat.

SQLite by default, PostgreSQL by URL. A row holds no e-mail, phone, address or click id.
"""
