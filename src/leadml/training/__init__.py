"""The straight lines from a table to a registered model."""
