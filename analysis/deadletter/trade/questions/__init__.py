"""The rows of results that answer what the text asks of trade."""
