"""Orders that agents write at the top of their mail: text → commands → changes."""
