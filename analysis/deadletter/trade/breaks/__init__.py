"""Breaks in short series: sup-F, Chow, several dates, stability, interrupted series, and the power of these tests."""
