"""What ships: the scorecard, the scorer, the reasons, and the bundle on disk."""
