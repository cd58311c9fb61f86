"""A bloc of economies in the figures on trade: flows, shares, growth, integration, decomposition."""
