"""What learners look at: one style, one colour per network, alt text on every figure."""
