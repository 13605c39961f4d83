package dev.eosin.serve;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// `/v1/models`, in OpenAI's shape, with what each model can do.
record ModelsEndpoint(Served served) implements Endpoint {
  @Override
  public Reply answer(Call call) {
    ObjectNode json = Requests.empty().put("object", "list");
    ArrayNode data = json.putArray("data");
    served.clip().ifPresent(clip -> clip(data, clip));
    served.answers().ifPresent(answers -> answers(data, answers));
    return new Reply.Json(json);
  }

  private ObjectNode model(ArrayNode data, String name) {
    return data.addObject()
        .put("id", name)
        .put("object", "model")
        .put("created", served.started())
        .put("owned_by", "eosin");
  }

  private void clip(ArrayNode data, ServedClip clip) {
    ObjectNode model = model(data, clip.name());
    ArrayNode can = model.putArray("can").add("embeddings").add("zero-shot");
    if (served.tiles().isPresent()) {
      can.add("retrieve");
      model.put("tiles", served.tiles().get().index().size());
      model.put("pictures", served.tiles().get().images().isPresent());
    }
    model.put("embedding_size", clip.width()).put("context_length", clip.context());
  }

  private void answers(ArrayNode data, ServedAnswers answers) {
    ObjectNode model = model(data, answers.name());
    ArrayNode can = model.putArray("can").add("chat");
    if (answers.reviser().isPresent()) {
      can.add("revise");
    }
    model.put("sees_images", answers.seesImages());
    model.put("remembers", answers.model().remembers());
    model.put("max_tokens", answers.mostTokens());
  }
}
