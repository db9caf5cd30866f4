"""Experiments on what networks can compute: parity, permutations, counting, brackets."""
