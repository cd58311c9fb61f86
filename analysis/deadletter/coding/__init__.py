"""A coding: every decision of measurement, typed and immutable, read from one file of params/."""

from deadletter.coding.model import Coding
from deadletter.coding.parameter_files import NAMES, REFERENCE, coding_names, load_coding, misnamed
from deadletter.coding.settings import apply_settings, digest, to_settings

__all__ = [
    "NAMES",
    "REFERENCE",
    "Coding",
    "apply_settings",
    "coding_names",
    "digest",
    "load_coding",
    "misnamed",
    "to_settings",
]
