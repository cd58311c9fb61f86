"""What a notebook opens: the dataset, a coding, and one focal regime or the whole argument, with their tables."""

from deadletter.chapter.opened import ArgumentView, open_argument
from deadletter.chapter.regime_chapter import Chapter, open_chapter

__all__ = ["ArgumentView", "Chapter", "open_argument", "open_chapter"]
