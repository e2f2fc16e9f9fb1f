"""Forms that carry the collector: their signed tokens, and what the service adds to their leads."""
