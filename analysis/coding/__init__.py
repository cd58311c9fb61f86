"""A coding: every decision of measurement, typed and immutable, read from one file of params/."""

from analysis.coding.files import coding_names, load_coding
from analysis.coding.model import Coding
from analysis.coding.settings import apply_settings, digest, to_settings

__all__ = ["Coding", "apply_settings", "coding_names", "digest", "load_coding", "to_settings"]
