"""Customer relationship systems: leads and outcomes in, scores back."""
