# The program alone, statically linked: docker build -t aludel .
#
#   docker run --rm -v "$PWD:/project" -e DATABASE_URL aludel upgrade head
FROM rust:1.95-alpine AS build
RUN apk add --no-cache gcc make musl-dev
WORKDIR /source
COPY . .
RUN cargo build --release --locked --package aludel-cli && cp target/release/aludel /aludel

FROM scratch
COPY --from=build /aludel /aludel
# The certificates of the operating system, for sslrootcert=system.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
WORKDIR /project
ENTRYPOINT ["/aludel"]
