# Two images, both from the lock file: `serve` (the default) holds what `leadml serve` needs and nothing that learns;
# `learn` holds the whole package, MLflow among it. See docs/docker.md.

FROM python:3.12-slim AS base
ENV PATH=/opt/leadml/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin leadml
WORKDIR /leadml

FROM base AS source
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1 \
    UV_PROJECT_ENVIRONMENT=/opt/leadml \
    UV_PYTHON_DOWNLOADS=never \
    VIRTUAL_ENV=/opt/leadml
RUN pip install --no-cache-dir uv==0.13.8
WORKDIR /source
COPY pyproject.toml uv.lock README.md LICENSE ./

# what serving never loads is left out, with all that only these need
FROM source AS build-serve
RUN uv export --quiet --frozen --no-dev --no-emit-project --output-file /tmp/serve.txt \
    --prune mlflow --prune scikit-learn --prune pandas --prune interpret-core --prune optuna --prune joblib \
    --prune sqlalchemy --prune python-dateutil \
 && uv venv --quiet /opt/leadml \
 && uv pip install --quiet --require-hashes --requirement /tmp/serve.txt
COPY src ./src
RUN uv pip install --quiet --no-deps .

FROM source AS build-learn
RUN uv sync --quiet --frozen --no-dev --no-install-project
COPY src ./src
RUN uv sync --quiet --frozen --no-dev --no-editable

FROM base AS learn
COPY --from=build-learn /opt/leadml /opt/leadml
RUN install -d -o leadml /mlflow
USER leadml
CMD ["leadml", "--help"]

FROM base AS serve
COPY --from=build-serve /opt/leadml /opt/leadml
USER leadml
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
CMD ["leadml", "serve", "--host", "0.0.0.0", "--port", "8000", "--model", "/models/champion"]
