package dev.eosin.qformer;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.NameTable;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.nn.Dropout;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// A checkpoint of LAVIS: what was trained of a first or second stage, under LAVIS's names. Sizes
/// are those of its tensors; heads of attention are 64 wide, as BERT's are. The image tower and the
/// language model lie elsewhere, and where a file has them they are passed over.
///
/// Source: LAVIS `blip2_qformer.py`, `blip2_opt.py`, `blip2_t5.py`, `blip2_vicuna_instruct.py`.
///
/// @param config what the file holds; it names neither tower nor language model
/// @param projection width of the language model that it leads to, of a second stage
record LavisFile(QFormerConfig config, OptionalInt projection) {
  /// The epsilon of LAVIS's `ln_vision`.
  private static final double NORM_EPSILON = 1e-5;

  private static final double EPSILON = 1e-12;
  private static final Dropout DROPOUT = new Dropout(0.1, 0.1);
  private static final int HEAD_WIDTH = 64;
  private static final String QUERIES = "query_tokens";
  private static final String BERT = "Qformer.bert.";
  private static final String LAYER = BERT + "encoder.layer.";
  private static final String IMAGES = "vision_proj.weight";
  private static final List<String> PROJECTIONS = List.of("t5_proj", "opt_proj", "llm_proj");

  /// Frozen parts, and the table of words a second time.
  private static final Set<String> UNUSED =
      Set.of(
          "visual_encoder.",
          "t5_model.",
          "opt_model.",
          "llm_model.",
          "Qformer.cls.predictions.decoder.");

  /// Whether a file has LAVIS's names.
  static boolean is(StoredTensors file) {
    return file.names().contains(QUERIES)
        && file.names().stream().anyMatch(name -> name.startsWith(LAYER));
  }

  /// Reads names and shapes.
  ///
  /// @throws DataException when they are those of no stage
  static LavisFile read(StoredTensors file) throws DataException {
    boolean aligned = file.names().contains(IMAGES);
    OptionalInt projection = OptionalInt.empty();
    for (String name : PROJECTIONS) {
      if (file.names().contains(name + ".weight")) {
        projection = OptionalInt.of(size(file, name + ".weight", 0));
      }
    }
    if (aligned == projection.isPresent()) {
      throw new DataException(
          "%s: has a Q-Former of LAVIS, but %s; expected vision_proj of a first stage or one of %s of a second"
              .formatted(
                  file.path(),
                  aligned ? "the heads of both stages" : "no heads",
                  String.join(", ", PROJECTIONS)));
    }
    QFormerSpec spec = spec(file);
    boolean reads = spec.words().isPresent();
    QFormerKind second = reads ? QFormerKind.INSTRUCT_BLIP : QFormerKind.BLIP2;
    var config =
        new QFormerConfig(
            aligned ? QFormerKind.ALIGNMENT : second,
            Optional.empty(),
            spec,
            aligned ? OptionalInt.of(size(file, IMAGES, 0)) : OptionalInt.empty(),
            NORM_EPSILON,
            Optional.empty(),
            OptionalInt.empty());
    return new LavisFile(config, projection);
  }

  private static QFormerSpec spec(StoredTensors file) throws DataException {
    int layers = 0;
    while (file.names().contains(LAYER + layers + ".attention.self.query.weight")) {
      layers++;
    }
    int every = 1;
    while (every < layers && !file.names().contains(cross(every))) {
      every++;
    }
    int width = size(file, QUERIES, 2);
    if (layers == 0 || width % HEAD_WIDTH != 0 || !file.names().contains(cross(0))) {
      throw new DataException(
          "%s: its Q-Former has %d layers of width %d; layers that look at images, of a width that is a multiple of %d, are expected"
              .formatted(file.path(), layers, width, HEAD_WIDTH));
    }
    String words = BERT + "embeddings.word_embeddings.weight";
    String positions = BERT + "embeddings.position_embeddings.weight";
    return new QFormerSpec(
        layers,
        width,
        width / HEAD_WIDTH,
        size(file, LAYER + "0.intermediate_query.dense.weight", 0),
        size(file, cross(0), 1),
        every,
        size(file, QUERIES, 1),
        file.names().contains(words)
            ? Optional.of(new QFormerSpec.Words(size(file, words, 0), size(file, positions, 0)))
            : Optional.empty(),
        EPSILON,
        DROPOUT);
  }

  private static String cross(int layer) {
    return LAYER + layer + ".crossattention.self.key.weight";
  }

  private static int size(StoredTensors file, String name, int dimension) throws DataException {
    List<Long> shape = file.header(name).shape();
    if (dimension >= shape.size()) {
      throw new DataException(
          "%s: %s is %s, which is no shape of LAVIS's".formatted(file.path(), name, shape));
    }
    return Math.toIntExact(shape.get(dimension));
  }

  /// The weights under Eosin's names.
  ///
  /// @throws DataException naming every tensor that is missing, too many or of another shape
  StoredTensors weights(StoredTensors file) throws DataException {
    QFormerModel model = model();
    NameTable table = new NameTable();
    QFormerNames.LAVIS.imageNorm(table, model.norm());
    QFormerNames.LAVIS.qformer(table, model.qformer());
    model.heads().ifPresent(heads -> QFormerNames.LAVIS.heads(table, heads));
    model
        .projection()
        .ifPresent(
            each ->
                PROJECTIONS.stream()
                    .filter(name -> file.names().contains(name + ".weight"))
                    .forEach(name -> QFormerNames.LAVIS.projection(table, each, name)));
    Layout layout = new Layout("a checkpoint of LAVIS", table.rules(), Set.of(), UNUSED);
    return layout.read(file, QFormerFolder.shapes(model));
  }

  private QFormerModel model() {
    QFormerModel model = QFormerModel.of(config);
    return new QFormerModel(
        model.kind(),
        model.tower(),
        model.norm(),
        model.qformer(),
        model.heads(),
        projection.stream()
            .mapToObj(
                width ->
                    new LanguageProjection(
                        QFormerModel.PROJECTION, config.qformer().width(), width))
            .findFirst(),
        model.answers());
  }
}
