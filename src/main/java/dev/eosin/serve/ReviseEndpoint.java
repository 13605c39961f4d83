package dev.eosin.serve;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.image.RgbImage;
import dev.eosin.language.chat.Message;
import dev.eosin.language.chat.Message.Role;
import dev.eosin.revise.CaptionReviser;
import dev.eosin.revise.MarkedPiece;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;

/// `/revise`: a caption as a model that was trained to revise mends it, piece by piece.
record ReviseEndpoint(AnswerQueue queue, ChatReader reader, CaptionReviser reviser)
    implements Endpoint {
  private static final Set<String> KNOWN = Set.of("model", "image", "caption");

  @Override
  public Reply answer(Call call) throws ApiException, ExecutionException, InterruptedException {
    ObjectNode body = call.body();
    Requests.requireKnown(body, KNOWN);
    Requests.requireModel(body, queue.model().name());
    String caption = reader.requests().text(body.path("caption"), "caption");
    if (caption.contains("<image>")) {
      throw ApiException.wrong("caption", "has '<image>' in it, which stands for the image");
    }
    byte[] bytes = Images.bytes(body.path("image"), "image");
    RgbImage image = reader.images().decoded(bytes, "image", reader.decoder(), call.deadline());
    var question = new Message(Role.USER, "<image>\n" + reviser.question(caption));
    Answering answering = queue.ask(List.of(question), List.of(image), queue.model().mostTokens());
    String answer = ChatEndpoint.text(answering, call.deadline());
    return new Reply.Json(json(caption, answer));
  }

  private ObjectNode json(String caption, String answer) {
    ObjectNode json = Requests.empty().put("model", queue.model().name());
    json.put("caption", caption).put("answer", answer);
    Optional<CaptionReviser.Revised> revised = reviser.revised(caption, answer);
    json.put("understood", revised.isPresent());
    json.put("revised", revised.map(CaptionReviser.Revised::caption).orElse(caption));
    ArrayNode pieces = json.putArray("pieces");
    for (MarkedPiece piece : revised.map(CaptionReviser.Revised::pieces).orElse(List.of())) {
      pieces
          .addObject()
          .put("mark", piece.mark().name().toLowerCase(Locale.ROOT))
          .put("text", piece.text());
    }
    return json;
  }
}
