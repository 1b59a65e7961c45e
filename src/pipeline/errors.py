"""Every error that this module raises on purpose.

PipelineError           one line for the user: what, the value in quotes, the accepted set, what next
├── PlatformError       a platform is unknown, named twice, or missing from an image
├── ConfigError         pipeline.toml or an argument holds a value that is not accepted
├── SourceError         the source lacks what its toolchain needs
├── FetchError          a file of [[fetch]] cannot be had, or is another than its sha256 says
├── PublishError        an address, tag or credential cannot be used, or a push failed
├── RegistryError       a registry holds something else under a name than an image
│   ├── MissingError    a registry holds nothing under a name
│   └── UnreachableError a registry could not be asked from where this module asks
└── FindingsError       an image or a Dockerfile has findings that are errors; the table follows

A caller of a Dagger function sees only the message, so everything needed is in it.
"""

from __future__ import annotations


class PipelineError(Exception):
    """One line for the user: what, the value in quotes, the accepted set, what next."""


class PlatformError(PipelineError):
    """A platform is unknown, named twice, or missing from an image."""


class ConfigError(PipelineError):
    """pipeline.toml or an argument holds a value that is not accepted."""


class SourceError(PipelineError):
    """The source lacks what its toolchain needs."""


class FetchError(PipelineError):
    """A file of [[fetch]] cannot be had, or is another than its sha256 says."""


class PublishError(PipelineError):
    """An address, tag or credential cannot be used, or a push failed."""


class RegistryError(PipelineError):
    """A registry holds something else under a name than an image."""


class MissingError(RegistryError):
    """A registry holds nothing under a name."""


class UnreachableError(RegistryError):
    """A registry could not be asked from where this module asks."""


class FindingsError(PipelineError):
    """An image or a Dockerfile has findings that are errors; the table follows."""
