"""Local peers of the ad platforms: they enforce the platforms' rules and record what they accepted."""
