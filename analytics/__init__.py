"""What the bot has done and earned, by hours and days; the other apps' rows are read and never written."""
