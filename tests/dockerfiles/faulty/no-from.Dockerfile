# only an argument
ARG VERSION=1
