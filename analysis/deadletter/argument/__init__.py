"""The argument as a graph: each claim's test, its verdict, and how verdicts travel from evidence to theses."""
