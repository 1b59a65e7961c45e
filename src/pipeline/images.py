"""The default images of tools and final stages. Each can be overridden in pipeline.toml."""

from __future__ import annotations

GO = "docker.io/library/golang:{version}-bookworm"
"""Go's own image; `[go] image` overrides it."""

RUST_VERSION = "1.96"
RUST = "docker.io/library/rust:{version}-bookworm"
"""Rust's own image, of this version where the source asks for none; `[rust] image` overrides it."""

DEBIAN = "docker.io/library/debian:bookworm-slim"
"""Has C and C++ compiled in it; `[cmake] image` overrides it."""

RUNTIME = "gcr.io/distroless/static-debian12:nonroot"
"""For programs that need no libc: CA certificates, time zones, a user; `[runtime] base`."""

RUNTIME_LIBC = "gcr.io/distroless/base-debian12:nonroot"
"""The same with a libc, and OpenSSL."""

RUNTIME_CC = "gcr.io/distroless/cc-debian12:nonroot"
"""The same with a libc and what GCC and rustc link besides."""

SCANNER = "docker.io/library/python:3.11-slim"
"""Executes the scan of finished images; `[verify] image`. A Dagger engine has it for the module."""

REGISTRY_TOOL = "gcr.io/go-containerregistry/crane:v0.21.8"
"""Has crane, which reads what registries hold; `[registry] image`."""

PACKAGES = {
    "debian": "docker.io/library/debian:{codename}-slim",
    "ubuntu": "docker.io/library/ubuntu:{version}",
}
"""By os-release(5)'s ID: has the apt that knows a base's release; `[runtime] packages_image`."""
