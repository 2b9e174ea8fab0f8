"""What the methods share, as functions: each method composes them."""
