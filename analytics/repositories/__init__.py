"""Everything that the bot, the admin and the commands do with metrics and figures."""
