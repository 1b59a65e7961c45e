"""Stand-ins for NVIDIA's apt repositories of CUDA, where those do not answer.

NVIDIA's own files, from the wheels that it publishes, as packages with the names, versions, paths
and dependencies of its repositories; signed, and served on loopback.
"""
