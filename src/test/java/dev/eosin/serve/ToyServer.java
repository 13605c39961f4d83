package dev.eosin.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.checkpoint.NumpyHeader;
import dev.eosin.data.listed.ListedImages;
import dev.eosin.eval.embeddings.StoredEmbeddings;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.transforms.EvaluationTransform;
import dev.eosin.index.VectorGraph;
import dev.eosin.index.VectorIndex;
import dev.eosin.revise.CaptionReviser;
import dev.eosin.revise.ReviseSettings;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// A server over toy models and an index of coloured tiles, of which one has a hostile name.
record ToyServer(
    Server server, ToyEmbedder embedder, ToyAnswers answers, VectorIndex index, List<String> log)
    implements AutoCloseable {
  static final String HOSTILE = "<img src=x onerror='document.title=1'>.png";
  static final ServeLimits LIMITS =
      new ServeLimits(300_000, 40_000, 8, 500, 16, Duration.ofMillis(700), Duration.ofSeconds(10));

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, Integer> TILES =
      Collections.unmodifiableMap(
          new TreeMap<>(
              Map.of(
                  "blue.png",
                  0x0000FF,
                  "green.png",
                  0x00FF00,
                  HOSTILE,
                  0xAA00AA,
                  "red.png",
                  0xFF0000)));

  static ServeSettings settings(ServeLimits limits, int batch, Optional<String> token) {
    return new ServeSettings(
        InetAddress.getLoopbackAddress(), 0, token, batch, Duration.ofMillis(20), limits);
  }

  static ToyServer start(Path home) throws IOException {
    return start(home, settings(LIMITS, 4, Optional.empty()), 0, 0);
  }

  /// @param home an empty folder
  /// @param passMillis that a pass of the embedder takes
  /// @param wordMillis that a word of an answer takes
  static ToyServer start(Path home, ServeSettings settings, long passMillis, long wordMillis)
      throws IOException {
    var embedder = new ToyEmbedder(passMillis);
    var answers = new ToyAnswers(wordMillis);
    Path tiles = tiles(home);
    VectorIndex index = index(home, embedder);
    ListedImages images =
        ListedImages.open(tiles, ListedImages.Columns.GUESSED, new ImageDecoder());
    var clip =
        new ServedClip(
            "toy",
            embedder,
            new ImageDecoder(),
            EvaluationTransform.openClip(ToyEmbedder.SIDE, ToyEmbedder.SIDE),
            text -> text.split(" ").length,
            ToyEmbedder.WIDTH,
            12,
            10,
            OptionalDouble.empty());
    var revise =
        new ReviseSettings(
            ReviseSettings.Answer.TEXT, "Revise: {caption}", ReviseSettings.Images.OWN, 0);
    var model =
        new ServedAnswers("toy-chat", answers, true, 64, Optional.of(new CaptionReviser(revise)));
    var found =
        new ServedTiles(
            index, Engine.start(Device.CPU, 1), OptionalInt.empty(), Optional.of(images));
    List<String> log = new CopyOnWriteArrayList<>();
    Served served = new Served(Optional.of(clip), Optional.of(model), Optional.of(found), 1);
    return new ToyServer(Server.start(served, settings, log::add), embedder, answers, index, log);
  }

  private static Path tiles(Path home) throws IOException {
    Path tiles = Files.createDirectories(home.resolve("secret-folder"));
    for (Map.Entry<String, Integer> tile : TILES.entrySet()) {
      Files.write(tiles.resolve(tile.getKey()), png(tile.getValue()));
    }
    return tiles;
  }

  private static VectorIndex index(Path home, ToyEmbedder embedder) throws IOException {
    List<float[]> rows = new ArrayList<>();
    var table = new StringBuilder("path,label\n");
    for (Map.Entry<String, Integer> tile : TILES.entrySet()) {
      byte[] planes = new byte[3 * ToyEmbedder.SIDE * ToyEmbedder.SIDE];
      for (int i = 0; i < planes.length; i++) {
        int channel = i / (ToyEmbedder.SIDE * ToyEmbedder.SIDE);
        planes[i] = (byte) (tile.getValue() >> (16 - 8 * channel));
      }
      rows.add(embedder.embedImages(planes, 1)[0]);
      table.append('"').append(tile.getKey()).append("\",colour\n");
    }
    Path file = home.resolve("tiles.npy");
    try (OutputStream out = Files.newOutputStream(file)) {
      new NumpyHeader("<f4", List.of((long) rows.size(), (long) ToyEmbedder.WIDTH)).writeTo(out);
      ByteBuffer bytes =
          ByteBuffer.allocate(rows.size() * ToyEmbedder.WIDTH * Float.BYTES)
              .order(ByteOrder.LITTLE_ENDIAN);
      rows.forEach(
          row -> {
            for (float value : row) {
              bytes.putFloat(value);
            }
          });
      out.write(bytes.array());
    }
    Files.writeString(home.resolve("tiles.csv"), table);
    Path folder = home.resolve("tiles.index");
    try (StoredEmbeddings from = StoredEmbeddings.open(file, Optional.empty())) {
      VectorIndex.build(
          from, folder, VectorIndex.Kind.EXACT, VectorGraph.Settings.DEFAULT, added -> {});
    }
    return VectorIndex.open(folder);
  }

  /// A tile of one colour.
  static byte[] png(int rgb) {
    return png(rgb, 20, 24);
  }

  /// A square of one colour.
  static byte[] png(int rgb, int side) {
    return png(rgb, side, side);
  }

  private static byte[] png(int rgb, int width, int height) {
    byte[] pixels = new byte[3 * width * height];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (rgb >> (16 - 8 * (i % 3)));
    }
    return Png.encode(new RgbImage(width, height, pixels));
  }

  /// An image as requests have it.
  static String url(byte[] image) {
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(image);
  }

  URI at(String path) {
    return server.address().resolve(path);
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return sent(HttpRequest.newBuilder(at(path)).build());
  }

  /// @param body with single quotes for double ones
  HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
    return sent(
        HttpRequest.newBuilder(at(path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')))
            .build());
  }

  static HttpResponse<String> sent(HttpRequest request) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    }
  }

  static JsonNode json(HttpResponse<String> answer) throws IOException {
    return JSON.readTree(answer.body());
  }

  @Override
  public void close() throws IOException {
    server.close();
    index.close();
  }
}
