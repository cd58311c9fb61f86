"""The coded article: read and checked once into one immutable object."""
