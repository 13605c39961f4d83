package dev.eosin.qformer;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.TensorRule;
import dev.eosin.features.ImageFeatures;
import dev.eosin.language.Decoder;
import dev.eosin.language.Llama;
import dev.eosin.language.Opt;
import dev.eosin.language.T5;
import dev.eosin.language.spec.LanguageConfig;
import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.language.spec.OptSpec;
import dev.eosin.language.spec.T5Spec;
import dev.eosin.language.stored.LanguageNames;
import dev.eosin.nn.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The parts of a stored model, under the prefixes that every model of this family has here.
///
/// @param kind which model
/// @param tower of EVA's kind, where the model has one
/// @param norm of the tower's tokens
/// @param qformer the Q-Former
/// @param heads of the first stage
/// @param projection of the second stage
/// @param answers of the second stage
public record QFormerModel(
    QFormerKind kind,
    Optional<ImageFeatures> tower,
    ImageNorm norm,
    QFormer qformer,
    Optional<AlignmentHeads> heads,
    Optional<LanguageProjection> projection,
    Optional<Answers> answers) {
  /// Of the image tower.
  public static final String TOWER = "image";

  /// Of the norm behind it.
  public static final String NORM = "image-norm";

  /// Of the Q-Former.
  public static final String QFORMER = "qformer";

  /// Of the first stage's heads.
  public static final String HEADS = "alignment";

  /// Of the second stage's projection.
  public static final String PROJECTION = "language-projection";

  /// Of a decoder.
  public static final String DECODER = "decoder";

  /// Of an encoder with a decoder.
  public static final String T5_MODEL = "t5";

  /// As a folder describes it.
  public static QFormerModel of(QFormerConfig config) {
    QFormerSpec spec = config.qformer();
    QFormer qformer = new QFormer(QFORMER, spec);
    Optional<Answers> answers = config.language().map(QFormerModel::answers);
    return new QFormerModel(
        config.kind(),
        config.tower().map(image -> EvaNames.states(TOWER, image)),
        new ImageNorm(NORM, spec.imageWidth(), config.normEpsilon()),
        qformer,
        config.embedSize().stream()
            .mapToObj(size -> new AlignmentHeads(qformer, HEADS, size))
            .findFirst(),
        answers.map(each -> new LanguageProjection(PROJECTION, spec.width(), each.width())),
        answers);
  }

  /// A frozen language model behind a Q-Former.
  public static Answers answers(LanguageConfig config) {
    int filler = config.ids().filler();
    return switch (config.spec()) {
      case LlamaSpec spec -> new DecoderAnswers(Llama.of(DECODER, spec), filler);
      case OptSpec spec -> new DecoderAnswers(Opt.of(DECODER, spec), filler);
      case T5Spec spec -> new T5Answers(new T5(T5_MODEL, spec), filler);
    };
  }

  /// The names of a language model's weights.
  ///
  /// @param before what stands before them in the file
  static Layout names(Answers answers, String before) {
    return switch (answers) {
      case DecoderAnswers(Decoder decoder, int _) -> LanguageNames.of(decoder, before);
      case T5Answers(T5 model, int _) -> LanguageNames.of(model, before);
    };
  }

  /// The first stage.
  ///
  /// @param begin id that texts begin with where they are told
  /// @param smoothing of labels
  /// @throws IllegalStateException when it is the second
  public Alignment alignment(int begin, double smoothing) {
    return new Alignment(norm, qformer, heads.orElseThrow(this::other), begin, smoothing);
  }

  /// The second stage.
  ///
  /// @throws IllegalStateException when it is the first
  public ImageReader reader() {
    return new ImageReader(norm, qformer, projection.orElseThrow(this::other));
  }

  private IllegalStateException other() {
    return new IllegalStateException(kind.architecture() + " is of the other stage");
  }

  /// What is trained of it: norm, Q-Former, and what stands behind it.
  public List<Part> trained() {
    List<Part> parts = new ArrayList<>(List.of(norm, qformer));
    heads.ifPresent(parts::add);
    projection.ifPresent(parts::add);
    return parts;
  }

  /// All parts in the order of the forward pass.
  public List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    tower.ifPresent(parts::add);
    parts.addAll(trained());
    answers.ifPresent(each -> parts.addAll(each.parts()));
    return parts;
  }

  /// The same with its frozen parts, or without those that are stored elsewhere.
  ///
  /// @param withTower whether the file has the tower
  /// @param withLanguage whether the file has the language model
  QFormerModel holding(boolean withTower, boolean withLanguage) {
    return new QFormerModel(
        kind,
        withTower ? tower : Optional.empty(),
        norm,
        qformer,
        heads,
        projection,
        withLanguage ? answers : Optional.empty());
  }

  /// What transformers' files call the weights of these parts.
  public Layout layout() {
    if (heads.isPresent()) {
      return kind.names().alignment(tower, alignment(0, 0));
    }
    List<TensorRule> language = new ArrayList<>();
    Set<String> again =
        answers
            .map(
                each -> {
                  Layout names = names(each, "language_model.");
                  language.addAll(names.rules());
                  return names.unused();
                })
            .orElse(Set.of());
    return kind.names().reader(tower, reader(), "", language, again);
  }
}
