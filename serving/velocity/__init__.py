"""What the service remembers of the leads before: counts of recent ones, and the tokens that were used.

In the process by default, in Redis by URL, where all workers and machines share it.
"""
