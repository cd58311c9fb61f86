"""Two codings: what moves between them, and which decision moves it."""
