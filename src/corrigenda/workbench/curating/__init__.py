"""Curating: which approved corrections a training set is made of, and in which split each is."""
