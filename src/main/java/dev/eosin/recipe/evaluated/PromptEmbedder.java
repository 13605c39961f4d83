package dev.eosin.recipe.evaluated;

import dev.eosin.config.DataException;
import dev.eosin.eval.embeddings.StoredEmbeddings;
import dev.eosin.eval.tiles.TileFeatures;
import dev.eosin.recipe.FeatureSource;
import dev.eosin.recipe.stored.StoredEmbedder;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import java.util.List;

/// The model that embeds prompts for embeddings of tiles that are stored: the one that made them.
/// Close it.
///
/// @param source as it was named
record PromptEmbedder(FeatureSource.ClipModel source, StoredEmbedder embedder)
    implements AutoCloseable {
  private static final String MODEL = "model.sha256";

  /// @param stored whose space the prompts go into
  /// @param notes takes what a user should know
  /// @throws DataException when another model made the embeddings, as far as they say
  static PromptEmbedder open(
      FeatureSource.ClipModel source, StoredEmbeddings stored, List<String> notes)
      throws IOException {
    StoredEmbedder embedder = StoredEmbedder.open(source);
    try {
      embedder.notes().forEach(notes::add);
      String theirs = stored.pins().get(MODEL);
      String own = embedder.textPins().get(MODEL);
      if (embedder.width() != stored.width()) {
        throw new DataException(
            "prompts-by: %s is another model than the one that made %s: it embeds as %d numbers, not %d"
                .formatted(source.path(), stored.path(), embedder.width(), stored.width()));
      }
      if (theirs == null) {
        notes.add("the features do not say which model made them: prompts may be another's");
      } else if (!theirs.equals(own)) {
        throw new DataException(
            "prompts-by: %s is another model than the one that made %s (%s, not %s)"
                .formatted(source.path(), stored.path(), own, theirs));
      }
      return new PromptEmbedder(source, embedder);
    } catch (IOException | RuntimeException | Error e) {
      embedder.close();
      throw e;
    }
  }

  /// Refuses prompts of which a model would see a part.
  ///
  /// @throws DataException naming one
  static void requireRoom(StoredEmbedder embedder, List<String> prompts) throws DataException {
    for (String prompt : prompts) {
      int tokens = embedder.tokenizer().untruncatedLength(prompt);
      if (tokens > embedder.context()) {
        throw new DataException(
            "prompts: '%s' has %d tokens, and %s takes %d; shorten it"
                .formatted(prompt, tokens, embedder.path(), embedder.context()));
      }
    }
  }

  /// Loads the weights. The caller closes them.
  StoredEmbedder.Loaded load(Engine engine) throws DataException {
    return embedder.load(engine, source.batch());
  }

  /// Embeds prompts.
  TileFeatures.Texts texts(List<String> prompts, Engine engine) throws DataException {
    try (StoredEmbedder.Loaded loaded = load(engine)) {
      return TileFeatures.Texts.of(
          prompts, loaded.embedder().embedTexts(prompts), loaded.logitScale());
    }
  }

  @Override
  public void close() {
    embedder.close();
  }
}
