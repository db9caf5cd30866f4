"""What all browser widgets share: their two hosts, and the helpers of their JavaScript modules."""
