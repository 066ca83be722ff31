"""The page "Rondes" inside Airflow."""
