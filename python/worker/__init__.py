"""The training worker: what touches torch, or must see what it sees."""
