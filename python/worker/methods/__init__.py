"""One flat script a training method."""
