"""Indices of design: formalisation, expectation, compliance, output, functions, placement, voting power."""
