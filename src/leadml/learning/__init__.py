"""From snapshots to a scorecard: splits, candidates, calibration, metrics, evaluation, the gate."""
