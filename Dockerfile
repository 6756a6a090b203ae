# syntax=docker/dockerfile:1
# docker build --target api -t centum-api .
# docker build --target loadtest -t centum-loadtest .
# docker build --target dashboards -t centum-dashboards .

FROM rust:1.95.0-bookworm AS source
WORKDIR /src
# Shown as `revision` by app_build_info: --build-arg REVISION="$(git rev-parse --short=12 HEAD)".
ARG REVISION=unknown
ENV CENTUM_REVISION=$REVISION
COPY . .

FROM source AS build-api
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target,sharing=locked \
    cargo build --locked --profile dist --package api --features otlp \
    && install -D target/dist/api /out/api

FROM source AS build-loadtest
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target,sharing=locked \
    cargo build --locked --profile dist --package loadtest \
    && install -D target/dist/loadtest /out/loadtest

FROM source AS build-dashboards
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target,sharing=locked \
    cargo build --locked --profile dist --package dashboards \
    && install -D target/dist/dashboards /out/dashboards

# Debian slim, not distroless: its tags are dated, so the base is pinned by name, and it has the builder's glibc.
FROM debian:bookworm-20260918-slim AS runtime
COPY --from=source /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
RUN install --directory --owner=10001 --group=10001 /data
WORKDIR /data
USER 10001:10001
STOPSIGNAL SIGTERM

FROM runtime AS loadtest
COPY --from=build-loadtest /out/loadtest /usr/local/bin/
ENTRYPOINT ["loadtest"]

FROM runtime AS dashboards
COPY --from=build-dashboards /out/dashboards /usr/local/bin/
ENTRYPOINT ["dashboards"]

# The last stage is what a plain `docker build .` makes.
FROM runtime AS api
COPY --from=build-api /out/api /usr/local/bin/
# Nobody breaks what an image serves: CENTUM_FAULTS=on is refused. Inside a container the loopback address reaches nobody. The SQLite file of a run without DATABASE_URL lies in /data.
ENV CENTUM_ENV=production \
    CENTUM_LISTEN=0.0.0.0:8080 \
    CENTUM_MANAGEMENT_LISTEN=0.0.0.0:9464
EXPOSE 8080 9464
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["api", "healthcheck"]
ENTRYPOINT ["api"]
CMD ["serve"]
