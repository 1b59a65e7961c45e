# escape=`
FROM mcr.microsoft.com/powershell:7.5 AS build
SHELL ["powershell", "-Command"]
RUN apt-get install nothing; `
    go build $Env:TARGETARCH

FROM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c
COPY --from=build /app /app
CMD ["/app"]
