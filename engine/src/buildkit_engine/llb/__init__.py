"""BuildKit's low-level build language: operations as immutable values, and how they are marshalled."""
