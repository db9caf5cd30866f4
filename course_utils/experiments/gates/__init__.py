"""What gates do, and where an LSTM keeps what it remembers."""
