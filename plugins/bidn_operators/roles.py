"""Who can log in to Airflow at first: one user for each role, called what the role is called here."""

ROLES = {"engineer": "admin", "ops": "op", "viewer": "viewer"}
"""To each the role of Airflow's simple auth manager; FAB's own are called alike (deploy.init)."""
