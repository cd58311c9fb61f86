"""The rows of results that answer what the article asks of trade."""
