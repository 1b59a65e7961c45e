"""What a user sees of a build, on standard error."""
