package dev.eosin.eval.embeddings;

import dev.eosin.data.listed.ListedImage;
import dev.eosin.data.listed.ListedImages;
import dev.eosin.eval.ImageTextEmbedder;
import dev.eosin.eval.activations.ActivationRow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;

/// Texts. One that has more tokens than the model takes is cut as in training; how many are is
/// noted.
///
/// @param texts rows with a text each
/// @param notes what a user should know, one line each
public record TextFeed(ListedImages texts, List<String> notes) implements EmbeddingFeed {
  public TextFeed {
    notes = List.copyOf(notes);
  }

  /// Counts the tokens of all texts.
  ///
  /// @param tokens of a text, uncut
  /// @param context the most that the model takes
  /// @throws IOException when a row cannot be read
  public static TextFeed of(ListedImages texts, ToIntFunction<String> tokens, int context)
      throws IOException {
    List<String> notes = new ArrayList<>(texts.notes());
    long cut = 0;
    Optional<String> example = Optional.empty();
    for (long row = 0; row < texts.size(); row++) {
      ListedImage text = texts.get(row);
      int length = tokens.applyAsInt(text.text().orElseThrow());
      if (length > context) {
        cut++;
        example = example.or(() -> Optional.of("%s has %d".formatted(text.path(), length)));
      }
    }
    if (cut > 0) {
      notes.add(
          "%d of %d texts have more than the model's %d tokens and are cut: %s"
              .formatted(cut, texts.size(), context, example.orElseThrow()));
    }
    return new TextFeed(texts, notes);
  }

  @Override
  public long size() {
    return texts.size();
  }

  @Override
  public String fingerprint() {
    return texts.fingerprint();
  }

  @Override
  public Embedded read(long index) throws IOException {
    ListedImage text = texts.get(index);
    ActivationRow row = ActivationRow.of(index, text).saying(text.text().orElseThrow());
    return new Embedded(row, null, new Embedded.Text(text.text().orElseThrow()));
  }

  /// What a text is, its table's fingerprint tells.
  @Override
  public Optional<String> digest(long index) {
    return Optional.empty();
  }

  /// A batch is as wide as its longest text.
  @Override
  public boolean dependsOnBatch() {
    return true;
  }

  @Override
  public float[][] embed(ImageTextEmbedder model, List<Embedded> rows, int batch) {
    return model.embedTexts(
        rows.stream().map(row -> ((Embedded.Text) row.content()).text()).toList());
  }

  @Override
  public void keep(Embedded row, float[] vector) {
    // Texts are cheap.
  }

  @Override
  public void flush() {
    // Nothing is kept.
  }
}
