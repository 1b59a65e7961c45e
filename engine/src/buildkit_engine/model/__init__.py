"""What the API's objects are: immutable values, each holding the LLB that would make it."""
