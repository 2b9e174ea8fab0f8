"""Rows become token ids and loss masks here and nowhere else, without torch."""
