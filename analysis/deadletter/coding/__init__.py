"""A coding: every decision of measurement, typed and immutable, read from one file of params/."""

from deadletter.coding.model import Coding
from deadletter.coding.parameter_files import coding_names, load_coding
from deadletter.coding.settings import apply_settings, digest, to_settings

__all__ = ["Coding", "apply_settings", "coding_names", "digest", "load_coding", "to_settings"]
