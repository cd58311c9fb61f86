"""Structural gravity: the names that notebooks and the pipeline use."""

from analysis.trade.bias import Correction, correct_bias
from analysis.trade.ppml import FitResult, fit_ppml

__all__ = ["Correction", "FitResult", "correct_bias", "fit_ppml"]
