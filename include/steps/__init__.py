"""The steps of the two services, without Airflow: what operators and the command line call.

Each step reads what the step before it left in the file store, calls the pure parts, writes what comes out, and
returns counts. Running one again gives the same result.
"""
