"""The one full run of the baseline, and an executed notebook made by hand."""

from tests.journeys.conftest import baseline_run
from tests.made_pages import by_hand

__all__ = ["baseline_run", "by_hand"]
