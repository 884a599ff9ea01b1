"""Import of what other systems hold: read by one module a format, brought in through the actions alone."""
