# Eosin on an NVIDIA GPU. In the checkout: docker build -f docker/cuda.Dockerfile -t eosin-cuda .
# Then, with NVIDIA's container toolkit: docker run --rm --gpus all -v "$PWD:/work" eosin-cuda doctor
# libtorch brings the CUDA libraries (3 GB); the driver is the machine's.
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
    && tar -xzf target/eosin-*.tar.gz -C /eosin --strip-components=1 \
    && XDG_CACHE_HOME=/fetched /eosin/eosin fetch libtorch-cuda

FROM eclipse-temurin:25.0.2_10-jre-noble
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libturbojpeg \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home eosin
COPY --from=build /fetched/eosin/libtorch/2.7.1-cu128 /opt/libtorch
COPY --from=build /eosin /opt/eosin
ENV EOSIN_LIBTORCH=/opt/libtorch \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
# What is unpacked lies with its user: no GPU is here to prepare it for.
RUN rm -rf /opt/eosin/.cache
USER eosin
WORKDIR /work
ENTRYPOINT ["/opt/eosin/eosin"]
CMD ["--help"]
