"""What the ad platforms are told of a lead's worth: planned, kept in a ledger, sent once, restated, reconciled."""
