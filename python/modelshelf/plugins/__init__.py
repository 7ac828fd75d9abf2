"""modelshelf inside of other programs."""
