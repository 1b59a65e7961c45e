# syntax=docker/dockerfile:1
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0@sha256:d07ed07ed07ed07ed07ed07ed07ed07ed07ed07ed07ed07ed07ed07ed07ed07e AS build
ARG TARGETARCH
WORKDIR /source
COPY . .
RUN --mount=type=cache,id=nuget,target=/root/.nuget/packages \
    dotnet publish -a $TARGETARCH --output /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0@sha256:a59ea59ea59ea59ea59ea59ea59ea59ea59ea59ea59ea59ea59ea59ea59ea59e
WORKDIR /app
COPY --from=build /app .
USER $APP_UID
ENTRYPOINT ["./app"]
