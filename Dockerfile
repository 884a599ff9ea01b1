# One image: `dateline serve` answers, `dateline worker` works.  Debian 13, because SQLite is 3.46 there.
FROM debian:trixie-slim AS base
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates python3 tzdata \
 && rm -rf /var/lib/apt/lists/*

FROM base AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 UV_SYSTEM_CERTS=1 UV_PYTHON_DOWNLOADS=never UV_NO_CACHE=1 PKG_CONFIG=false
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3-venv \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY bootstrap.lock run.lock ./
# the installer stays behind in an environment of its own
RUN python3 -m venv /opt/installer \
 && /opt/installer/bin/pip install --quiet --no-cache-dir --require-hashes -r bootstrap.lock \
 && /opt/installer/bin/uv venv --quiet --python /usr/bin/python3 /opt/dateline \
 && /opt/installer/bin/uv pip install --quiet --python /opt/dateline/bin/python --compile-bytecode --require-hashes \
    --only-binary :all: --no-binary pyvips --build-constraints bootstrap.lock -r run.lock
COPY pyproject.toml README.md LICENSE ./
COPY media media
COPY cms cms
COPY schema schema
RUN /opt/installer/bin/uv pip install --quiet --python /opt/dateline/bin/python --compile-bytecode --offline --no-deps .

FROM base
RUN useradd --uid 10001 --home-dir /var/lib/dateline --create-home dateline
COPY --from=build /opt/dateline /opt/dateline
ENV PATH=/opt/dateline/bin:$PATH PYTHONUNBUFFERED=1 DATELINE_HOST=0.0.0.0 DATELINE_PORT=8000
USER 10001
WORKDIR /var/lib/dateline
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["python", "-c", \
  "import os, urllib.request as web; web.urlopen(f'http://127.0.0.1:{os.environ[\"DATELINE_PORT\"]}/health/ready', timeout=4)"]
CMD ["dateline", "serve"]
