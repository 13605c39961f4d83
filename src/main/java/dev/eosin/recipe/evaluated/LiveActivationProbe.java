package dev.eosin.recipe.evaluated;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.data.listed.ListedImage;
import dev.eosin.data.listed.ListedImages;
import dev.eosin.eval.activations.ActivationFile;
import dev.eosin.eval.activations.ActivationPass;
import dev.eosin.eval.activations.StoredActivations;
import dev.eosin.eval.probes.ProbeSplit;
import dev.eosin.group.Group;
import dev.eosin.recipe.ActivationProbeRecipe;
import dev.eosin.recipe.LiveStates;
import dev.eosin.recipe.found.ListedPictures;
import dev.eosin.recipe.found.Measured;
import dev.eosin.recipe.found.OpenedEvaluation;
import dev.eosin.recipe.stored.HiddenStates;
import dev.eosin.report.Pictures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// A probe of layers whose states a model tells now. Everything about the model, the images and
/// their sides is checked when it is opened; the weights are read when it runs.
final class LiveActivationProbe implements OpenedEvaluation {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ActivationProbeRecipe recipe;
  private final LiveStates live;
  private final HiddenStates model;
  private final ListedImages images;
  private final ActivationFile file;
  private final List<String> notes;
  private final Group group;
  private final SequencedMap<String, String> inputs = new LinkedHashMap<>();

  private LiveActivationProbe(
      ActivationProbeRecipe recipe,
      LiveStates live,
      HiddenStates model,
      ListedImages images,
      ActivationFile file,
      List<String> notes,
      Group group) {
    this.group = group;
    this.recipe = recipe;
    this.live = live;
    this.model = model;
    this.images = images;
    this.file = file;
    this.notes = List.copyOf(notes);
  }

  private static HiddenStates.Images rows(LiveStates live) {
    return new HiddenStates.Images(live.images().path(), live.images().columns());
  }

  static LiveActivationProbe open(ActivationProbeRecipe recipe, LiveStates live, Group group)
      throws IOException {
    HiddenStates model = HiddenStates.open(live.model(), live.adapter(), recipe.compute(), group);
    try {
      ListedImages images = model.listed(rows(live));
      var file = ActivationFile.of(recipe.folder().resolve("states.safetensors"));
      model.check(images, live.settings(recipe.choice()), file);
      List<ProbeSplit.Row> rows = new ArrayList<>();
      for (long row = 0; row < images.size(); row++) {
        ListedImage image = images.get(row);
        rows.add(
            new ProbeSplit.Row(
                image.path(), image.group(), image.label(), image.split(), image.centre()));
      }
      ProbeSplit divided =
          OpenedActivationProbe.divided(recipe, live.images().path().toString(), rows);
      return new LiveActivationProbe(recipe, live, model, images, file, divided.notes(), group);
    } catch (IOException | RuntimeException | Error e) {
      model.close();
      throw e;
    }
  }

  @Override
  public List<String> notes() {
    return notes;
  }

  @Override
  public SequencedMap<String, String> inputs() {
    return inputs;
  }

  @Override
  public List<Measure> evaluations() {
    return List.of(this::run);
  }

  private Optional<Measured> run(Watch watch) throws IOException {
    var listener =
        new ActivationPass.Listener(
            watch.progress(),
            progress ->
                watch
                    .progress()
                    .accept(
                        String.format(
                            Locale.ROOT,
                            "states of row %d of %d, %.1f rows/s",
                            progress.done(),
                            progress.all(),
                            progress.rate())));
    Optional<Long> written =
        model.write(rows(live), live.settings(recipe.choice()), file, listener, watch.stop());
    // All read what the first rank wrote.
    group.meet(Group.Work.CHECKPOINT);
    if (group.any(group.isFirst() && written.isEmpty())) {
      return Optional.empty();
    }
    try (StoredActivations states = StoredActivations.open(file.path(), Optional.empty())) {
      var probe = OpenedActivationProbe.of(recipe, states, group);
      inputs.putAll(probe.inputs());
      JsonNode pins = JSON.readTree(file.metadata().getOrDefault("pins", "{}"));
      for (Map.Entry<String, JsonNode> pin : pins.properties()) {
        inputs.put("states." + pin.getKey(), pin.getValue().asText());
      }
      return probe.run(watch);
    }
  }

  @Override
  public Pictures pictures() throws IOException {
    return ListedPictures.of(images);
  }

  @Override
  public void close() {
    model.close();
  }
}
