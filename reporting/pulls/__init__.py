"""Pulls spend, traffic and counts from the interfaces of ad platforms, analytics and mailing tools."""
