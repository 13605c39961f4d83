# Eosin on a CPU. In the checkout: docker build -f docker/cpu.Dockerfile -t eosin .
# Then, as you, so that what is written to the mounted folder is yours:
# docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/work" eosin train /opt/eosin/recipes/clip/quickstart.yaml
# Packages are the base's: Ubuntu keeps no older versions that could be named (hadolint's DL3008).
FROM eclipse-temurin:25.0.2_10-jdk-noble AS build
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends maven \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN ./eosin dist \
    && mkdir /eosin \
    && tar -xzf target/eosin-*.tar.gz -C /eosin --strip-components=1

FROM eclipse-temurin:25.0.2_10-jre-noble
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libturbojpeg \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home eosin
COPY --from=build /eosin /opt/eosin
# Native libraries are unpacked and quick starts prepared once, here.
RUN /opt/eosin/eosin info
USER eosin
WORKDIR /work
ENTRYPOINT ["/opt/eosin/eosin"]
CMD ["--help"]
