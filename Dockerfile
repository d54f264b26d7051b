# One image, two runtimes: RUNTIME=cpu (default) or RUNTIME=cuda.
# cuda brings its own CUDA 13 and cuDNN libraries as locked packages, so the base stays the same; the host
# needs NVIDIA's driver and container toolkit, and the configuration `detect: {providers: [cuda, cpu]}`.
# tools/dockerfile_steps.py runs these steps where there is no Docker engine.
ARG BASE=python:3.11-slim-bookworm

# hadolint ignore=DL3006
FROM ${BASE} AS builder
ARG RUNTIME=cpu
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python -m venv /opt/fenceline/venv && python -m venv /opt/build
COPY requirements/ requirements/
RUN case "${RUNTIME}" in \
      cpu) lock=run.txt ;; \
      cuda) lock=run-cuda.txt ;; \
      *) echo "RUNTIME is cpu or cuda, not '${RUNTIME}'" >&2; exit 1 ;; \
    esac \
    && /opt/fenceline/venv/bin/python -m pip install --no-deps --require-hashes -r "requirements/${lock}" -r requirements/sinks.txt \
    && /opt/build/bin/python -m pip install --no-deps --require-hashes -r requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY models/ models/
COPY examples/ examples/
COPY edge/ edge/
RUN /opt/build/bin/python -m pip wheel --no-deps --no-build-isolation --wheel-dir /opt/build/dist . \
    && /opt/fenceline/venv/bin/python -m pip install --no-deps /opt/build/dist/*.whl \
    && /opt/fenceline/venv/bin/python -m compileall -q /opt/fenceline/venv/lib

# The default model, made from public package registries by the same recipe as anywhere else.
FROM builder AS model
ENV FENCELINE_CACHE=/opt/fenceline/cache
RUN /opt/fenceline/venv/bin/fenceline models get picodet-s-416 \
    && /opt/fenceline/venv/bin/fenceline models verify \
    && /opt/fenceline/venv/bin/fenceline prepare

# hadolint ignore=DL3006
FROM ${BASE}
LABEL org.opencontainers.image.title="Fenceline" \
      org.opencontainers.image.description="Edge video analytics: says that someone crossed the fence, never who." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0"
RUN groupadd --gid 10001 fenceline \
    && useradd --uid 10001 --gid fenceline --no-create-home --home-dir /var/lib/fenceline --shell /usr/sbin/nologin fenceline \
    && install -d -o fenceline -g fenceline -m 0750 /var/lib/fenceline \
    && install -d -m 0755 /etc/fenceline
COPY --from=builder /opt/fenceline/venv /opt/fenceline/venv
COPY --from=model /opt/fenceline/cache /opt/fenceline/cache
# What was compiled is compiled anew for another processor, by whoever runs it.
RUN chown -R fenceline:fenceline /opt/fenceline/cache/compiled
# The dynamic linker finds the CUDA libraries that pip has put beside Python; no such folders on cpu.
RUN find /opt/fenceline/venv -path '*/nvidia/*/lib' -type d > /etc/ld.so.conf.d/fenceline.conf && ldconfig
ENV PATH=/opt/fenceline/venv/bin:$PATH \
    FENCELINE_CACHE=/opt/fenceline/cache \
    FENCELINE_HEALTH=http://127.0.0.1:8080/healthz \
    PYTHONDONTWRITEBYTECODE=1 \
    ORT_DISABLE_TELEMETRY=1
USER 10001:10001
WORKDIR /var/lib/fenceline
VOLUME /var/lib/fenceline
EXPOSE 8080 50051
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(os.environ['FENCELINE_HEALTH'], timeout=4)"]
ENTRYPOINT ["fenceline"]
CMD ["run", "/etc/fenceline/site.yaml"]
