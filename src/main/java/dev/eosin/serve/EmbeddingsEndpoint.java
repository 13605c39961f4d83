package dev.eosin.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/// `/v1/embeddings`, in OpenAI's shape; an input may be an image.
record EmbeddingsEndpoint(Inputs inputs) implements Endpoint {
  private static final Set<String> KNOWN =
      Set.of("model", "input", "encoding_format", "dimensions", "user");

  @Override
  public Reply answer(Call call)
      throws ApiException, TimeoutException, ExecutionException, InterruptedException {
    ObjectNode body = call.body();
    Requests.requireKnown(body, KNOWN);
    Requests.requireModel(body, inputs.clip().name());
    boolean packed = packed(body);
    int width = inputs.clip().width();
    inputs.requests().whole(body, "dimensions", width, width);
    List<JsonNode> nodes = new ArrayList<>();
    JsonNode input = body.path("input");
    if (input.isArray()) {
      input.forEach(nodes::add);
    } else {
      nodes.add(input);
    }
    inputs.requireCount(nodes.size(), "input");
    return new Reply.Json(json(inputs.mixed(nodes, call.deadline()), packed));
  }

  private static boolean packed(ObjectNode body) throws ApiException {
    return switch (body.path("encoding_format").asText("float")) {
      case "float" -> false;
      case "base64" -> true;
      default -> throw ApiException.wrong("encoding_format", "is neither 'float' nor 'base64'");
    };
  }

  private ObjectNode json(Inputs.Embedded embedded, boolean packed) {
    ObjectNode json = Requests.empty().put("object", "list");
    ArrayNode data = json.putArray("data");
    for (int i = 0; i < embedded.vectors().length; i++) {
      ObjectNode row = data.addObject().put("object", "embedding").put("index", i);
      float[] vector = embedded.vectors()[i];
      if (packed) {
        ByteBuffer bytes =
            ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        row.put("embedding", Base64.getEncoder().encodeToString(bytes.array()));
      } else {
        ArrayNode numbers = row.putArray("embedding");
        for (float value : vector) {
          numbers.add(value);
        }
      }
    }
    json.put("model", inputs.clip().name());
    json.putObject("usage")
        .put("prompt_tokens", embedded.tokens())
        .put("total_tokens", embedded.tokens());
    return embedded.cut() == 0 ? json : json.put("texts_cut", embedded.cut());
  }
}
