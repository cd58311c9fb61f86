"""From executed notebooks and tables of results to a static site that asks for nothing from elsewhere."""
