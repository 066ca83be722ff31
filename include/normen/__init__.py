"""Dated norms and parameters with their legal source, and the calendar of a ronde."""
