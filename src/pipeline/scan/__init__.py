"""What a root filesystem holds that would not run, or should not be there.

This package is executed in a container, beside the root that it looks at: it imports nothing of the
module around it, and nothing but pyelftools of what is installed.
"""
