"""The report: its facts, and the pages that show them."""
