"""What only the network knows of a mail: asked once, after it was accepted, and kept beside it."""
