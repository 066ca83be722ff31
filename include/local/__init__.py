"""The local installation behind ``make run`` and ``make up``: an Airflow with its sources and a mailbox.

Nothing here is part of the product: production starts the same DAGs its own way. It stands in for what a
platform does there: it starts the components, gives them their settings and secrets, and stops them.
"""
