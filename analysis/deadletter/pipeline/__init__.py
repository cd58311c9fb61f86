"""What depends on what, and the execution of notebooks."""
