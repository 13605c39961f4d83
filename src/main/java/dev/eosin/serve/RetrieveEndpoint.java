package dev.eosin.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.eval.activations.ActivationRow;
import dev.eosin.index.Neighbours;
import dev.eosin.index.VectorIndex;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/// `/retrieve`: what of the index is nearest to a text, an image, or a tile of the index itself.
record RetrieveEndpoint(Inputs inputs, ServedTiles tiles) implements Endpoint {
  private static final Set<String> KNOWN = Set.of("model", "text", "image", "tile", "top");
  private static final int TOP = 10;
  private static final int MOST = 100;

  @Override
  public Reply answer(Call call)
      throws ApiException, IOException, TimeoutException, ExecutionException, InterruptedException {
    ObjectNode body = call.body();
    Requests.requireKnown(body, KNOWN);
    Requests.requireModel(body, inputs.clip().name());
    int top = inputs.requests().whole(body, "top", 1, MOST).orElse(TOP);
    float[][] query = {query(body, call.deadline())};
    VectorIndex index = tiles.index();
    Neighbours nearest =
        tiles.breadth().isPresent()
            ? index.approximate(query, top, Math.max(top, tiles.breadth().getAsInt()))
            : Images.await(
                inputs.batcher().alone(() -> index.exact(tiles.engine(), query, top)),
                call.deadline());
    return new Reply.Json(json(nearest));
  }

  private float[] query(ObjectNode body, Deadline deadline)
      throws ApiException, TimeoutException, ExecutionException, InterruptedException {
    JsonNode text = body.path("text");
    JsonNode image = body.path("image");
    JsonNode tile = body.path("tile");
    if (Stream.of(text, image, tile).filter(node -> !node.isMissingNode()).count() != 1) {
      throw ApiException.wrong("text", "give one of 'text', 'image' and 'tile'");
    }
    if (!tile.isMissingNode()) {
      int last = tiles.index().size() - 1;
      int place = inputs.requests().whole(body, "tile", 0, last).orElse(0);
      return tiles.index().vector(place);
    }
    return text.isMissingNode()
        ? inputs.image(image, deadline)
        : inputs.texts(List.of(inputs.requests().text(text, "text")), deadline).vectors()[0];
  }

  private ObjectNode json(Neighbours nearest) throws IOException {
    Map<Integer, ActivationRow> rows = tiles.index().rows(nearest.rows());
    ObjectNode json = Requests.empty().put("model", inputs.clip().name());
    json.put("approximate", tiles.breadth().isPresent());
    ArrayNode found = json.putArray("found");
    int[] places = nearest.rows()[0];
    for (int i = 0; i < places.length; i++) {
      ActivationRow row = Objects.requireNonNull(rows.get(places[i]), "rows gives all or throws");
      ObjectNode one = found.addObject().put("tile", places[i]);
      one.put("cosine", nearest.cosines()[0][i]).put("name", name(row.path()));
      row.label().ifPresent(label -> one.put("label", label));
      row.group().ifPresent(group -> one.put("group", name(group)));
      row.text().ifPresent(said -> one.put("text", said));
    }
    return json;
  }

  /// Without the folders before it, which are nobody else's business.
  static String name(String path) {
    return path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  }
}
