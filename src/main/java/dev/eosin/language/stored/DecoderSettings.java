package dev.eosin.language.stored;

import dev.eosin.config.DataException;
import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.language.spec.LanguageConfig;
import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.language.spec.Rotary;
import dev.eosin.language.spec.SpecialIds;
import dev.eosin.text.LanguageTokenizer;
import dev.eosin.text.SpecialTokens;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// `model` of a recipe that trains a language model.
@Doc("The decoder and its first weights.")
public sealed interface DecoderSettings {
  /// Where its tokenizer's files are.
  Path tokenizer();

  /// What the model is.
  ///
  /// @param tokenizer as [#tokenizer] names it
  /// @throws DataException when its files are missing or describe something else
  LanguageConfig config(LanguageTokenizer tokenizer) throws DataException;

  /// Compares the tokenizer with the model.
  ///
  /// @throws DataException when it is another model's
  void require(LanguageTokenizer opened) throws DataException;

  /// Opens the tokenizer and compares it with the model.
  ///
  /// @throws DataException when it is missing, broken, or another model's
  default LanguageTokenizer open() throws IOException {
    LanguageTokenizer opened = LanguageTokenizer.open(tokenizer());
    try {
      require(opened);
      return opened;
    } catch (DataException | RuntimeException | Error e) {
      opened.close();
      throw e;
    }
  }

  /// A model of others.
  @Named("folder")
  @Doc("A folder of Hugging Face's: architecture, weights and tokenizer.")
  record Folder(
      @Doc("The folder, with config.json and the weights, whole or in shards.") Path path,
      @Doc("Where the tokenizer is, when it is not in the folder.") Optional<Path> otherTokenizer,
      @Doc(
              "What becomes of the weights where adapters are trained: used in place, copied to fp32, or their linears rounded to int8 in memory, a scale for each output.")
          @OrElse("mapped")
          Base base)
      implements DecoderSettings {
    @Override
    public Path tokenizer() {
      return otherTokenizer.orElse(path);
    }

    @Override
    public LanguageConfig config(LanguageTokenizer tokenizer) throws DataException {
      return LanguageFolder.open(path).config();
    }

    @Override
    public void require(LanguageTokenizer opened) throws DataException {
      LanguageFolder.open(path).require(opened);
    }
  }

  /// A model that begins with random weights.
  @Named("llama")
  @Doc("A new decoder of LLaMA's kind with random weights.")
  record Fresh(
      @Doc(
              "A tokenizer.json, or the folder that holds one; the vocabulary is as large as it needs.")
          Path tokenizer,
      @Doc("Number of blocks.") @Range(min = 1) int layers,
      @Doc("Hidden size.") @Range(min = 2) int width,
      @Doc("Heads of queries, a divisor of the width.") @Range(min = 1) int heads,
      @Doc("Heads of keys and values, a divisor of the heads; as many without it.")
          Optional<Integer> groups,
      @Doc("Hidden size of the MLP.") @Range(min = 1) int mlpWidth,
      @Doc("Most tokens that the model is made for.") @OrElse("2048") @Range(min = 2) int context,
      @Doc("The base of rotary speeds.") @OrElse("10000") @Range(above = 0) double ropeTheta,
      @Doc("Whether the head is the token table.") @OrElse("true") boolean tied,
      @Doc(
              "Standard deviation of the first values of all matrices; 1 / sqrt(width) without it, with which small models learn to copy at once.")
          Optional<Double> deviation)
      implements DecoderSettings {
    private static final double NORM_EPSILON = 1e-5;

    /// @throws IllegalArgumentException when no decoder has these sizes
    public Fresh {
      if (width % heads != 0 || heads % groups.orElse(heads) != 0) {
        throw new IllegalArgumentException(
            "heads: %d heads of %d with %d of keys and values do not divide evenly"
                .formatted(heads, width, groups.orElse(heads)));
      }
      if (width / heads % 2 != 0) {
        throw new IllegalArgumentException(
            "width: a head has %d elements; an even number is needed".formatted(width / heads));
      }
    }

    @Override
    public LanguageConfig config(LanguageTokenizer tokenizer) {
      var spec =
          new LlamaSpec(
              tokenizer.largestId() + 1,
              width,
              layers,
              heads,
              groups.orElse(heads),
              width / heads,
              mlpWidth,
              false,
              tied,
              OptionalInt.empty(),
              NORM_EPSILON,
              new Rotary(ropeTheta, new Rotary.Scaling.None()),
              context);
      SpecialTokens special = tokenizer.specialTokens();
      List<Integer> ends =
          special.eos().isPresent() ? List.of(special.eos().getAsInt()) : List.of();
      return new LanguageConfig(spec, new SpecialIds(special.bos(), ends, special.pad()));
    }

    /// Its vocabulary is the tokenizer's.
    @Override
    public void require(LanguageTokenizer opened) {}
  }
}
