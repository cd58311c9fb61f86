"""Coding sheets: blank ones out, filled ones in."""
