"""The site: executed notebooks as pages, and what a reader may do on them."""
