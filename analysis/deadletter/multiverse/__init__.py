"""Every defensible coding at once: declared branches, evaluated together."""
