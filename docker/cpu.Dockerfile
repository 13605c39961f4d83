# Eosin on a CPU. In the checkout: docker build -f docker/cpu.Dockerfile -t eosin .
# Then: docker run --rm -v "$PWD:/work" eosin train /opt/eosin/recipes/clip/quickstart.yaml
FROM eclipse-temurin:25.0.2_10-jdk-noble AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends maven \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN ./eosin dist \
    && mkdir /eosin \
    && tar -xzf target/eosin-*.tar.gz -C /eosin --strip-components=1

FROM eclipse-temurin:25.0.2_10-jre-noble
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
