"""Stand-ins for base images, where the usual registries do not answer.

Built from Debian's packages and Go's own toolchain, by the machine's own apt and go
configuration; served from the registry on loopback under the usual names; labelled.
"""
