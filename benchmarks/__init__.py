"""Benchmarks: what reviewing costs, and that it does not grow with the number of candidates."""
