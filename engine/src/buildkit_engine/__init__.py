"""An engine for Dagger modules that needs nothing but a BuildKit daemon.

It serves, on loopback, the part of Dagger's GraphQL API that a module uses, to the unmodified
dagger-io SDK. A field that it does not serve refuses by name.
"""
