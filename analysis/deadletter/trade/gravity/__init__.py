"""Structural gravity by PPML: estimation, bias correction, treatments, placebo blocs and specification curves."""

from deadletter.trade.gravity.bias import Correction, correct_bias
from deadletter.trade.gravity.ppml import FitResult, fit_ppml

__all__ = ["Correction", "FitResult", "correct_bias", "fit_ppml"]
