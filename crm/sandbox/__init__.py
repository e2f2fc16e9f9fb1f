"""Local peers of the CRMs: they behave as the CRMs do, and keep the truth to compare a mirror with."""
