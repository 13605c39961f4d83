package dev.eosin.caption;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.eval.Answerer;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.file.FileDigest;
import dev.eosin.image.RgbImage;
import dev.eosin.prepare.Cost;
import dev.eosin.prepare.RowFailedException;
import dev.eosin.prepare.RowSteps;
import dev.eosin.prepare.RowSteps.Answer;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/// A model of this machine, which answers one question at a time.
///
/// @param pins what its answers depend on
/// @param letGo of the model
record LocalAgent(Answerer answerer, Map<String, String> pins, Runnable letGo, ReentrantLock one)
    implements Agent {
  LocalAgent(Answerer answerer, Map<String, String> pins, Runnable letGo) {
    this(answerer, Map.copyOf(pins), letGo, new ReentrantLock());
  }

  @Override
  public Said said(RowSteps steps, String step, Question question)
      throws RowFailedException, IOException, InterruptedException {
    ObjectNode request = JsonNodeFactory.instance.objectNode().put("text", question.text());
    ArrayNode pictures = request.putArray("pictures");
    for (RgbImage image : question.images()) {
      pictures.add(
          "%d x %d, sha256 %s"
              .formatted(image.width(), image.height(), FileDigest.of(image.pixels()).sha256()));
    }
    request.put("most-tokens", question.mostTokens());
    Cost free = Cost.ofCall(0, 0);
    var answer = steps.ask(step, request, free, _ -> new Answer(answered(question), free));
    return new Said(answer.path("text").asText().strip(), "");
  }

  private ObjectNode answered(Question question) throws RowFailedException, InterruptedException {
    one.lockInterruptibly();
    try {
      answerer.requireRoom(question.id(), question.text(), question.mostTokens());
      return JsonNodeFactory.instance.objectNode().put("text", answerer.answer(question).text());
    } catch (IOException e) {
      throw new RowFailedException(String.valueOf(e.getMessage()), e);
    } finally {
      one.unlock();
    }
  }

  @Override
  public boolean seesImages() {
    return answerer.seesImages();
  }

  @Override
  public void close() {
    letGo.run();
  }
}
