package dev.eosin.albef;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.language.spec.ConfigFields;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.tensor.ParameterSet;
import java.nio.file.Path;
import java.util.List;

/// `text`: what the text encoder is and where it begins.
@Doc("The text encoder and its first weights.")
public sealed interface TextStart {
  /// What BERT's norms add to the variance.
  double EPSILON = 1e-12;

  /// What the encoder is.
  ///
  /// @param imageWidth e, hidden size of the image's tokens
  /// @param vocabulary ids of the captions' tokenizer, with the one that judged texts begin with
  /// @throws DataException when a file that describes it is missing or says something else
  TextSpec spec(int imageWidth, int vocabulary) throws DataException;

  /// Fills in what the encoder begins with, over weights that have their first values.
  ///
  /// @return what a user should know, one line each
  /// @throws DataException naming the file and what it lacks or has in another size
  List<String> fill(TextEncoder encoder, ParameterSet parameters) throws DataException;

  /// Looks at names of files alone.
  ///
  /// @throws DataException when a file is missing or is none of weights
  void check() throws DataException;

  /// Random weights.
  @Named("random")
  @Doc("An encoder of random weights; its sizes are those of bert-base where they are not said.")
  record Random(
      @Doc("Number of layers.") @OrElse("12") @Range(min = 1) int layers,
      @Doc("Hidden size.") @OrElse("768") @Range(min = 2) int width,
      @Doc("Heads of attention, a divisor of the width.") @OrElse("12") @Range(min = 1) int heads,
      @Doc("Hidden size of the MLPs.") @OrElse("3072") @Range(min = 1) int mlpWidth,
      @Doc("Longest text in ids.") @OrElse("512") @Range(min = 2) int positions)
      implements TextStart {
    /// @throws IllegalArgumentException when no encoder has these sizes
    public Random {
      if (width % heads != 0) {
        throw new IllegalArgumentException(
            "heads: %d heads of %d do not divide evenly".formatted(heads, width));
      }
    }

    @Override
    public TextSpec spec(int imageWidth, int vocabulary) {
      return new TextSpec(
          layers, width, heads, mlpWidth, imageWidth, vocabulary, positions, EPSILON);
    }

    @Override
    public List<String> fill(TextEncoder encoder, ParameterSet parameters) {
      return List.of();
    }

    @Override
    public void check() {}
  }

  /// A BERT's layers and words.
  @Named("bert")
  @Doc("Starts from a BERT; what looks at images is random, and there are no token types.")
  record Bert(@Doc("A Hugging Face folder of a BERT: config.json and weights.") Path path)
      implements TextStart {
    @Override
    public TextSpec spec(int imageWidth, int vocabulary) throws DataException {
      ConfigFields bert = ConfigFields.open(path.resolve(LanguageFolder.CONFIG));
      bert.requireOnly("hidden_act", "gelu");
      try {
        return new TextSpec(
            bert.size("num_hidden_layers"),
            bert.size("hidden_size"),
            bert.size("num_attention_heads"),
            bert.size("intermediate_size"),
            imageWidth,
            Math.max(bert.size("vocab_size"), vocabulary),
            bert.size("max_position_embeddings"),
            bert.numberOr("layer_norm_eps", EPSILON));
      } catch (IllegalArgumentException e) {
        throw new DataException(bert.file() + ": " + e.getMessage(), e);
      }
    }

    @Override
    public List<String> fill(TextEncoder encoder, ParameterSet parameters) throws DataException {
      try (StoredTensors file = StoredTensors.open(path)) {
        int kept = new BertWeights(encoder, file).apply(parameters);
        return List.of(
            "text: %d weights that look at images begin at random; the others are those of %s"
                .formatted(kept, path));
      }
    }

    @Override
    public void check() throws DataException {
      StoredTensors.open(path).close();
    }
  }
}
