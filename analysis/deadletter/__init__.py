"""Helpers of the deadletter project: compliance indices, trade regressions, and the text's argument."""

__version__ = "0.1.0"
