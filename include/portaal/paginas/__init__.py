"""The pages, one module per tab of the manuals."""
