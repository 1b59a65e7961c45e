FROM mcr.microsoft.com/dotnet/sdk:10.0@sha256:d07ed07ed07ed07ed07ed07ed07ed07ed07ed07ed07ed07ed07ed07ed07ed07e AS build
COPY . /source
RUN dotnet publish /source --output /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0@sha256:a59ea59ea59ea59ea59ea59ea59ea59ea59ea59ea59ea59ea59ea59ea59ea59e
COPY --from=build /app /app
ENTRYPOINT ["/app/app"]
