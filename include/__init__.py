"""BIDN Informatiediensten: everything the DAGs do, importable without Airflow."""
