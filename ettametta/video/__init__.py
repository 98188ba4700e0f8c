"""From a storyboard to a checked MP4: pure planning, and one module that starts ffmpeg."""
