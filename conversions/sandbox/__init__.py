"""Stand-ins for the ad platforms, on this machine: they enforce the platforms' rules and remember what they took."""
