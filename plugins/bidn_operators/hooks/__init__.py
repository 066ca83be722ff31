"""Hooks: how an Airflow connection becomes a client."""
