"""Pictures of what a network does. Each module draws one kind."""
