"""Forms with the collector: signed tokens, submissions, and fields that the service adds to leads."""
