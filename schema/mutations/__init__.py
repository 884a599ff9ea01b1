"""Input → action → payload.  A mutation holds no rule of its own."""
