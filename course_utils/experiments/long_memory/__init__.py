"""Holding and learning over long lags: latches, starts of the weights, opponents of other kinds."""
