# The image of every component: our code and its packages, and nothing of an installation. Settings come from the
# environment, secrets from mounted files (deploy/entrypoint.sh).
#   docker build --build-arg BIDN_CODEVERSIE=$(git describe --always --dirty) -t bidn:$(git describe --always) .
ARG PYTHON=python:3.11.13-slim-bookworm

FROM ${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.txt requirements-cluster.txt /tmp/
RUN /opt/venv/bin/pip install --no-compile -r /tmp/requirements.txt -r /tmp/requirements-cluster.txt
# What is in the image, for who must know whether a vulnerability touches it: /opt/bidn/sbom.json (CycloneDX). Made by a
# tool in an environment of its own, which does not come along.
RUN python -m venv /opt/sbom \
    && /opt/sbom/bin/pip install "cyclonedx-bom==7.5.0" \
    && mkdir -p /opt/bidn \
    && /opt/sbom/bin/cyclonedx-py environment /opt/venv --output-reproducible -o /opt/bidn/sbom.json
COPY dags /opt/bidn/dags
COPY plugins /opt/bidn/plugins
COPY include /opt/bidn/include
COPY deploy /opt/bidn/deploy
# Without bytecode the first import of Airflow takes three times as long, in every container anew: its file
# system is read-only.
RUN /opt/venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/venv/lib /opt/bidn || true

FROM ${PYTHON}
# No image holds the version that git would tell: each publication names this one as what made it.
ARG BIDN_CODEVERSIE
# git and ssh are for DAGs that come from a repository (deploy/helm); /entrypoint is where Airflow's chart looks for it.
# hadolint ignore=DL3008
RUN test -n "${BIDN_CODEVERSIE}" \
    && apt-get update \
    && apt-get install --yes --no-install-recommends git openssh-client \
    && rm -rf /var/lib/apt/lists/* \
    && ln -s /opt/bidn/deploy/entrypoint.sh /entrypoint \
    && groupadd --gid 50000 bidn \
    && useradd --uid 50000 --gid 50000 --no-create-home --home-dir /opt/airflow --shell /usr/sbin/nologin bidn \
    && install -d -o bidn -g bidn -m 0700 /opt/airflow /var/log/airflow /var/lib/bidn
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/bidn /opt/bidn
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/opt/bidn:/opt/bidn/plugins \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    AIRFLOW_HOME=/opt/airflow \
    BIDN_OMGEVING=productie \
    BIDN_CODEVERSIE=${BIDN_CODEVERSIE}
WORKDIR /opt/bidn
USER 50000:50000
ENTRYPOINT ["/entrypoint"]
CMD ["airflow", "version"]
