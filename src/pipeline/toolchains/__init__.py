"""How sources are compiled: a module each, on the build host's own CPU, for any platform.

A toolchain is a module with an `inspect` that looks at a source once, and the recipes
`build_stage`, `compile` and `test`, which build containers and ask the engine nothing.
They do not know each other.
"""
