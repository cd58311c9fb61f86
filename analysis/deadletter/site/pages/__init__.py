"""Pages of the site that are not notebooks."""
