"""Operators: what a task of a DAG does, in one step of include/steps."""
