"""Networks compared at equal size: the grid of lesson 10, and seconds by length."""
