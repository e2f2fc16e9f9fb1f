"""Facts about leads for the report: from decisions, outcomes, scores and spend."""
