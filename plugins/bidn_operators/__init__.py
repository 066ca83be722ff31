"""The operators and hooks of BIDN: what a task needs to know of Airflow, and nothing more."""
