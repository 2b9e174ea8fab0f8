"""The training worker: code that needs torch, or must read data exactly as training does."""
