# Build:  docker build -t feedback-nlp .
# Run:    docker run -p 8000:8000 -v feedback-data:/data -v /srv/feedback-nlp/models:/models:ro feedback-nlp
#         and -e FEEDBACK_NLP_DATABASE_URL=postgresql://… for a store elsewhere than in /data
# The models folder must hold a live model (`feedback-nlp train`, `feedback-nlp promote`): it is mounted, not built in.

FROM python:3.11-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /venv
COPY requirements.lock ./
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY feedback_nlp ./feedback_nlp
COPY training ./training
COPY service ./service
RUN /venv/bin/pip install --no-cache-dir --no-deps .

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --user-group --home-dir /data --shell /usr/sbin/nologin feedback \
 && install --directory --owner feedback --group feedback /data /models
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    OMP_NUM_THREADS=1 \
    FEEDBACK_NLP_HOST=0.0.0.0 \
    FEEDBACK_NLP_MODELS=/models \
    FEEDBACK_NLP_DATABASE_URL=sqlite:////data/feedback.db
USER 10001:10001
WORKDIR /data
VOLUME ["/data", "/models"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ.get(\"FEEDBACK_NLP_PORT\", 8000)}/health/ready', timeout=4)"]
CMD ["feedback-nlp", "serve"]
