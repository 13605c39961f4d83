package dev.eosin.qformer;

import dev.eosin.config.DataException;
import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.language.spec.ConfigFields;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.nn.Dropout;
import java.nio.file.Path;
import java.util.Optional;

/// `qformer` of a first stage: what it is and where it begins.
@Doc("The Q-Former and its first weights.")
public sealed interface StartSettings {
  /// Share of values that training steps leave out.
  double dropout();

  /// What the Q-Former is.
  ///
  /// @param imageWidth e, hidden size of the tower's tokens
  /// @param vocabulary ids of the captions' tokenizer, with the one that texts begin with
  /// @throws DataException when a file that describes it is missing or says something else
  QFormerSpec spec(int imageWidth, int vocabulary) throws DataException;

  /// The dropout of layers and of attention.
  default Dropout dropped() {
    return dropout() == 0 ? Dropout.NONE : new Dropout(dropout(), dropout());
  }

  /// Random weights.
  @Named("random")
  @Doc("A Q-Former of random weights; its sizes are those of bert-base where they are not said.")
  record Random(
      @Doc("Number of layers.") @OrElse("12") @Range(min = 1) int layers,
      @Doc("Hidden size.") @OrElse("768") @Range(min = 2) int width,
      @Doc("Heads of attention, a divisor of the width.") @OrElse("12") @Range(min = 1) int heads,
      @Doc("Hidden size of both MLPs.") @OrElse("3072") @Range(min = 1) int mlpWidth,
      @Doc("Queries look at the image in layers 0, k, 2k ...") @OrElse("2") @Range(min = 1)
          int crossEvery,
      @Doc("Learned queries: vectors of an image.") @OrElse("32") @Range(min = 1) int queries,
      @Doc("Longest text in ids.") @OrElse("512") @Range(min = 2) int positions,
      @Doc("Share of values that training steps leave out.")
          @OrElse("0.1")
          @Range(min = 0, max = 0.9)
          double dropout)
      implements StartSettings {
    /// @throws IllegalArgumentException when no Q-Former has these sizes
    public Random {
      if (width % heads != 0) {
        throw new IllegalArgumentException(
            "heads: %d heads of %d do not divide evenly".formatted(heads, width));
      }
    }

    @Override
    public QFormerSpec spec(int imageWidth, int vocabulary) {
      return new QFormerSpec(
          layers,
          width,
          heads,
          mlpWidth,
          imageWidth,
          crossEvery,
          queries,
          Optional.of(new QFormerSpec.Words(vocabulary, positions)),
          EPSILON,
          dropped());
    }
  }

  /// A BERT's layers and words.
  @Named("bert")
  @Doc(
      "Starts from a BERT, as LAVIS does: its layers and words, the queries' MLPs as those of words; what looks at images is random.")
  record Bert(
      @Doc("A Hugging Face folder of a BERT: config.json and weights.") Path path,
      @Doc("Queries look at the image in layers 0, k, 2k ...") @OrElse("2") @Range(min = 1)
          int crossEvery,
      @Doc("Learned queries: vectors of an image.") @OrElse("32") @Range(min = 1) int queries,
      @Doc("Share of values that training steps leave out.")
          @OrElse("0.1")
          @Range(min = 0, max = 0.9)
          double dropout)
      implements StartSettings {
    @Override
    public QFormerSpec spec(int imageWidth, int vocabulary) throws DataException {
      ConfigFields bert = ConfigFields.open(path.resolve(LanguageFolder.CONFIG));
      bert.requireOnly("hidden_act", "gelu");
      int theirs = bert.size("vocab_size");
      try {
        return new QFormerSpec(
            bert.size("num_hidden_layers"),
            bert.size("hidden_size"),
            bert.size("num_attention_heads"),
            bert.size("intermediate_size"),
            imageWidth,
            crossEvery,
            queries,
            Optional.of(
                new QFormerSpec.Words(
                    Math.max(theirs, vocabulary), bert.size("max_position_embeddings"))),
            bert.numberOr("layer_norm_eps", EPSILON),
            dropped());
      } catch (IllegalArgumentException e) {
        throw new DataException(bert.file() + ": " + e.getMessage(), e);
      }
    }
  }

  /// What an earlier first stage left.
  @Named("trained")
  @Doc("Goes on with a Q-Former that a first stage has trained.")
  record Trained(
      @Doc(
              "A run of kind qformer-align, a Hugging Face folder of BLIP-2 (Blip2ForImageTextRetrieval), or a checkpoint of LAVIS's first stage.")
          Path path,
      @Doc("Share of values that training steps leave out.")
          @OrElse("0.1")
          @Range(min = 0, max = 0.9)
          double dropout)
      implements StartSettings {
    /// The model that it goes on with.
    ///
    /// @throws DataException when the folder describes none, or one without heads of a first stage
    public QFormerFolder folder() throws DataException {
      QFormerFolder folder = QFormerFolder.open(LanguageFolder.of(path));
      if (folder.config().kind() != QFormerKind.ALIGNMENT) {
        throw new DataException(
            "%s: is a %s, whose Q-Former has no heads of a first stage; name a %s"
                .formatted(
                    folder.description(),
                    folder.config().kind().architecture(),
                    QFormerKind.ALIGNMENT.architecture()));
      }
      return folder;
    }

    @Override
    public QFormerSpec spec(int imageWidth, int vocabulary) throws DataException {
      return folder().config().qformer().with(dropped());
    }
  }

  /// What BERT's norms add to the variance.
  double EPSILON = 1e-12;
}
