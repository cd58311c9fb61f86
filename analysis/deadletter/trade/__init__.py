"""Trade statistics: flows, shares, growth, gravity and breaks."""
