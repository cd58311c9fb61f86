"""The data editor's report, an appendix, a crate for a deposit, and the check behind them."""
