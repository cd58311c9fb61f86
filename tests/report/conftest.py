"""An executed notebook made by hand."""

from tests.made_pages import by_hand

__all__ = ["by_hand"]
