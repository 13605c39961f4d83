package dev.eosin.recipe.stored;

import dev.eosin.config.DataException;
import dev.eosin.data.listed.ListedImages;
import dev.eosin.data.questions.QuestionRows;
import dev.eosin.eval.activations.ActivationFile;
import dev.eosin.eval.activations.ActivationPass;
import dev.eosin.group.Group;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.stored.StoredAnswerer;
import dev.eosin.language.stored.StoredLanguage;
import dev.eosin.tensor.KernelListener;
import dev.eosin.train.machine.ComputeSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Hidden states of a stored model, of images or of questions. Everything is checked before the
/// engine starts. Ranks share the rows. Close it.
public final class HiddenStates implements AutoCloseable {
  private static final GenerationSettings NOTHING = GenerationSettings.greedy(1);

  private final StoredAnswerer model;
  private final ComputeSettings compute;
  private final Group group;

  private HiddenStates(StoredAnswerer model, ComputeSettings compute, Group group) {
    this.model = model;
    this.compute = compute;
    this.group = group;
  }

  /// What is looked at.
  public sealed interface Rows {}

  /// Images of a folder or table.
  public record Images(Path path, ListedImages.Columns columns) implements Rows {}

  /// Questions of a table, each with its own words.
  public record Questions(Path path) implements Rows {}

  /// Opens a model.
  ///
  /// @param group whose ranks share the rows
  /// @throws DataException as [StoredAnswerers#open]
  public static HiddenStates open(
      Path model, Optional<Path> adapter, ComputeSettings compute, Group group) throws IOException {
    var wanted = new StoredLanguage.Wanted(model, adapter, Optional.empty(), false);
    return new HiddenStates(StoredAnswerers.open(wanted), compute, group);
  }

  /// What is looked at, opened, without the weights.
  ///
  /// @throws DataException when the model sees no images and images are given, or they are at fault
  public ListedImages listed(Rows rows) throws DataException {
    return images(rows);
  }

  /// Refuses rows that cannot be asked about.
  ///
  /// @throws IOException naming the row
  public void check(ListedImages images, ActivationPass.Settings settings, ActivationFile file)
      throws IOException {
    new ActivationPass(images, settings, file, model.pins(NOTHING))
        .check((id, text) -> model.requireRoom(id, text, 1));
  }

  /// Takes the states of all rows into a file; what an earlier call did is not done again.
  ///
  /// @return rows that have states; empty when it was asked to stop, and the same call goes on
  /// @throws IOException when a row cannot be asked about, or the file holds others
  public Optional<Long> write(
      Rows rows,
      ActivationPass.Settings settings,
      ActivationFile file,
      ActivationPass.Listener listener,
      BooleanSupplier stop)
      throws IOException {
    model.notes().forEach(listener.note());
    ListedImages images = images(rows);
    images.notes().forEach(listener.note());
    var pass = new ActivationPass(images, settings, file, model.pins(NOTHING));
    if (group.any(group.isFirst() && pass.isDone(listener))) {
      listener.note().accept(file.path() + ": is there already, of the same model and rows");
      return Optional.of(images.size() - file.leftOutRows().size());
    }
    pass.check((id, text) -> model.requireRoom(id, text, 1));
    try (StoredAnswerer.Loaded loaded =
        model.load(compute.start(KernelListener.NONE, group), NOTHING)) {
      return pass.run(loaded.answerer(), group, listener, stop);
    }
  }

  private ListedImages images(Rows rows) throws DataException {
    return switch (rows) {
      case Images(Path path, ListedImages.Columns columns) -> {
        if (!model.seesImages()) {
          throw new DataException(
              "%s: is a model of text alone and sees no images; give --rows with questions, or name a model that sees"
                  .formatted(model.path()));
        }
        yield ListedImages.open(path, columns, new ImageDecoder());
      }
      case Questions(Path path) ->
          ListedImages.of(
              QuestionRows.open(
                  path, model.seesImages() ? Optional.of(new ImageDecoder()) : Optional.empty()));
    };
  }

  @Override
  public void close() {
    model.close();
  }
}
