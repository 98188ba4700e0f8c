"""Looking at files that come from outside, and at our own MP4s."""
