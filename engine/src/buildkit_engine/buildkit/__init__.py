"""The daemon, its tools and its registry: processes of this machine, and what they print."""
