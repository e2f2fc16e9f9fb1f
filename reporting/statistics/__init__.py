"""Statistics of the report: pure functions of arrays and numbers, without a store."""
