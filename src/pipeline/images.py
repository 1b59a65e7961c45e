"""The default images of tools and final stages. Each can be overridden in pipeline.toml."""

from __future__ import annotations

GO = "docker.io/library/golang:{version}-bookworm"
"""Go's own image; `[go] image` overrides it."""

RUNTIME = "gcr.io/distroless/static-debian12:nonroot"
"""For programs that need no libc: CA certificates, time zones, a user; `[runtime] base`."""

SCANNER = "docker.io/library/python:3.11-slim"
"""Executes the scan of finished images; `[verify] image`. A Dagger engine has it for the module."""

REGISTRY_TOOL = "gcr.io/go-containerregistry/crane:v0.21.8"
"""Has crane, which reads what registries hold; `[registry] image`."""
