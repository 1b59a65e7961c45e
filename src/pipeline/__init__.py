"""Build one container image for several platforms on your own CPU, prove it, publish it.

Compiles an application's source for every platform by cross-compiling on the build host, never
under emulation unless asked to; assembles slim final images; publishes them under one tag:

    dagger call publish --platforms linux/amd64,linux/arm64

`plan` says beforehand what would be built, from which images, and why.
"""

from pipeline.main import Pipeline as Pipeline
