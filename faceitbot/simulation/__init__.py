"""A bot's load, invented: people with known habits, and the calls that a bot would make for them."""
