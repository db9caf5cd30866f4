"""Translation, captions, speech and clips: RNN, GRU and LSTM on the same data."""
