"""The page on which a reader moves the settings of a coding."""
