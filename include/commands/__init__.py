"""The commands of ``python -m include.cli``: arguments in, sentences and tables out."""
