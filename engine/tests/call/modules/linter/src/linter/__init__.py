"""Finds faults of style in source folders."""
