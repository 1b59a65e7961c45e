# pipeline: ignore=unpinned
# pipeline: only a comment
FROM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c
# pipeline: ignore=wrong-architecture,copied-libcuda
CMD ["sh"]
