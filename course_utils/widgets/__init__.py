"""What learners move: one JavaScript module per widget, the same live in a notebook and on a static page."""
