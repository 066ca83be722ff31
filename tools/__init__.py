"""Checks of the repository itself, for ``make lint``."""
