package dev.eosin.revise;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.caption.Agent;
import dev.eosin.config.DataException;
import dev.eosin.data.Caption;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.image.RgbImage;
import dev.eosin.prepare.Cost;
import dev.eosin.prepare.RowFailedException;
import dev.eosin.prepare.RowSteps;
import dev.eosin.prepare.RowSteps.Answer;
import dev.eosin.prepare.RowSteps.Service;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Tiles, and models that answer by rules.
public final class AgentFixture {
  private AgentFixture() {}

  /// A few tiles with captions; that of 'bad' cannot be read.
  ///
  /// @param names and captions in turn
  public static Source tiles(String... namesAndCaptions) {
    return new Source() {
      @Override
      public long size() {
        return namesAndCaptions.length / 2;
      }

      @Override
      public Sample get(long index) {
        String name = namesAndCaptions[2 * (int) index];
        String caption = namesAndCaptions[2 * (int) index + 1];
        return new Sample(
            name,
            () -> {
              if (name.startsWith("bad")) {
                throw new DataException(name + ": is no image");
              }
              // So different that a JPEG of low quality is, too.
              byte[] pixels = new byte[6];
              Arrays.fill(pixels, (byte) (30 * index));
              return new RgbImage(2, 1, pixels);
            },
            Caption.equal(caption.isEmpty() ? List.of() : List.of(caption)),
            Optional.empty(),
            Optional.empty());
      }

      @Override
      public String fingerprint() {
        return String.join("|", namesAndCaptions);
      }
    };
  }

  /// What a model makes of a question's text.
  @FunctionalInterface
  public interface Saying {
    String of(String text);
  }

  /// @param outside stands before the model
  public static Agent agent(UnaryOperator<Service> outside, boolean sees, Saying saying) {
    return new Agent() {
      @Override
      public Said said(RowSteps steps, String step, Question question)
          throws RowFailedException, IOException, InterruptedException {
        ObjectNode request = JsonNodeFactory.instance.objectNode();
        request.put("id", question.id()).put("text", question.text());
        request.put("pictures", question.images().size());
        Cost free = Cost.ofCall(0, 0);
        Service model =
            asked -> {
              String said = saying.of(asked.path("text").asText());
              return new Answer(JsonNodeFactory.instance.textNode(said), free);
            };
        return new Said(steps.ask(step, request, free, outside.apply(model)).asText(), "stop");
      }

      @Override
      public Map<String, String> pins() {
        return Map.of("model", "by rules");
      }

      @Override
      public boolean seesImages() {
        return sees;
      }

      @Override
      public void close() {
        // Nothing is held open.
      }
    };
  }
}
