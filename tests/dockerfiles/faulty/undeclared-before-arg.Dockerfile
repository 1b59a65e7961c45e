FROM alpine:3.23@sha256:51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe
RUN echo '$TARGETOS is literal' "\$BUILDOS too" && TARGETVARIANT=none && echo $TARGETVARIANT
RUN ["sh", "-c", \
     "echo ${TARGETARCH:-amd64} > /arch"]
ARG TARGETARCH
RUN echo "$TARGETARCH"
CMD ["cat", "/arch"]
