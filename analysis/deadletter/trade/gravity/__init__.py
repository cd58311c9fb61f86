"""Structural gravity by PPML: estimation, bias correction, treatments, placebo blocs and specification curves."""
