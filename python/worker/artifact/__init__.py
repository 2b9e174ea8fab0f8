"""What a run leaves: weights, the parity reference, and artifact.json last."""
