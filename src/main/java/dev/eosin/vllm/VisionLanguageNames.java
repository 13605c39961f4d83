package dev.eosin.vllm;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.NameTable;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorRule;
import dev.eosin.config.DataException;
import dev.eosin.features.ImageFeatures;
import dev.eosin.language.Decoder;
import dev.eosin.language.stored.LanguageNames;
import dev.eosin.tower.TowerLayouts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What the files of LLaVA models call their weights. The image tower is CLIP's as transformers has
/// it.
///
/// Sources: the repositories of llava-hf and liuhaotian on the Hugging Face hub, transformers 5.18
/// `modeling_llava.py`, xtuner 0.2 `model/llava.py`.
public final class VisionLanguageNames {
  /// How a file of a whole model is spelled.
  public enum Form {
    /// As the repositories of llava-hf are, whatever version of transformers wrote them.
    LLAVA_HF("language_model.model.", "language_model.lm_head.", "vision_tower.vision_model."),
    /// As transformers 5 writes what it has loaded from such a repository.
    LLAVA_HF_5("language_model.model.", "language_model.lm_head.", "vision_tower."),
    /// As the weights are called in transformers' memory since 4.52; some wrote files so.
    MEMORY("model.language_model.", "lm_head.", "model.vision_tower.vision_model."),
    /// As in memory of transformers 5.
    MEMORY_5("model.language_model.", "lm_head.", "model.vision_tower."),
    /// As LLaVA's own code writes them.
    LLAVA("model.", "lm_head.", "model.vision_tower.vision_tower.vision_model.");

    private final String body;
    private final String head;
    private final String vision;

    Form(String body, String head, String vision) {
      this.body = body;
      this.head = head;
      this.vision = vision;
    }

    /// For a person.
    public String title() {
      return switch (this) {
        case LLAVA_HF -> "llava-hf's repositories are";
        case LLAVA_HF_5 -> "transformers 5 writes them";
        case MEMORY, MEMORY_5 -> "they are in transformers' memory";
        case LLAVA -> "LLaVA's own code writes them (liuhaotian)";
      };
    }

    private String projector() {
      return switch (this) {
        case LLAVA_HF, LLAVA_HF_5 -> HUGGING_FACE;
        case MEMORY, MEMORY_5 -> "model." + HUGGING_FACE;
        case LLAVA -> "model." + LLAVA_OWN;
      };
    }
  }

  private static final String HUGGING_FACE = "multi_modal_projector.";
  private static final String LLAVA_OWN = "mm_projector.";
  private static final String PEFT = "base_model.model.";
  private static final String PLAIN = "model.";
  private static final String XTUNER_MODEL = "llm.";

  /// peft's name of the only adapters there are.
  private static final String XTUNER_ADAPTER = ".default.";

  private static final String CLASS_TOKEN = "embeddings.class_embedding";
  private static final String TABLE = "embed_tokens.weight";

  /// What may stand before a projector's own names in a file of it alone, the longest first:
  /// LLaVA's `mm_projector.bin` and `non_lora_trainables.bin`, xtuner's checkpoint, its folder
  /// `projector/`.
  private static final List<String> BEFORE_PROJECTOR =
      List.of(
          "base_model.model.model." + LLAVA_OWN,
          "model." + LLAVA_OWN,
          LLAVA_OWN,
          "model." + HUGGING_FACE,
          HUGGING_FACE,
          "projector.model.",
          PLAIN);

  private static final List<String> CONNECTOR =
      List.of(
          "attention.output.dense",
          "attention.output.LayerNorm",
          "crossattention.self.query",
          "crossattention.output.dense",
          "crossattention.output.LayerNorm",
          "intermediate_query.dense",
          "output_query.dense",
          "output_query.LayerNorm");
  private static final List<String> OWN_CONNECTOR =
      List.of(
          "attention.output",
          "attention-norm",
          "cross-attention.query",
          "cross-attention.output",
          "cross-attention-norm",
          "mlp.up",
          "mlp.down",
          "mlp-norm");

  private VisionLanguageNames() {}

  /// The weights that a model reads, in a file of a form; what it does not read of the tower is
  /// passed over.
  ///
  /// @throws IllegalArgumentException when the form has no place for the model's projector
  public static Layout of(VisionLanguage model, Form form) {
    return whole(model, form).without(model.images().unused());
  }

  /// As [#of], with what the model does not read of the tower, all but its projection.
  static Layout whole(VisionLanguage model, Form form) {
    List<TensorRule> rules = new ArrayList<>(vision(model.images(), form.vision));
    switch (model.projector()) {
      case LinearProjector linear -> rules.addAll(linear(linear, form.projector()));
      case TileConnector connector ->
          throw new IllegalArgumentException(
              "%s: no LLaVA model has such a connector; its weights have a file of their own"
                  .formatted(connector.prefix()));
    }
    Layout language = LanguageNames.of(model.decoder(), form.body, form.head);
    rules.addAll(language.rules());
    Set<String> passed =
        model.decoder().head().equals(model.decoder().table()) ? Set.of(form.head) : Set.of();
    return new Layout("a LLaVA model (%s)".formatted(form), rules, Set.of(), passed);
  }

  /// The image tower in a file of its own: of a CLIPVisionModel or of a CLIPModel; what it does not
  /// read of the tower and the other tower are passed over.
  public static Layout tower(ImageFeatures images, StoredTensors file) {
    return tower(
        images, file.names().contains("vision_model." + CLASS_TOKEN) ? "vision_model." : "");
  }

  /// @param before the names
  static Layout tower(ImageFeatures images, String before) {
    return new Layout(
            "a CLIP vision tower",
            vision(images, before),
            Set.of(),
            Set.of("text_model.", "text_projection.", "visual_projection.", "logit_scale"))
        .without(images.unused());
  }

  private static List<TensorRule> vision(ImageFeatures images, String before) {
    NameTable vision = new NameTable();
    TowerLayouts.huggingFaceVit(vision, images.prefix(), before, images.tower().spec().layers());
    return vision.rules();
  }

  /// The form of a file of a whole model.
  ///
  /// @throws DataException when the file is none of the forms
  public static Form form(StoredTensors file) throws DataException {
    Set<String> names = file.names();
    Optional<Form> found =
        Arrays.stream(Form.values())
            .filter(form -> names.contains(form.body + TABLE))
            .filter(form -> names.contains(form.vision + CLASS_TOKEN))
            .findFirst();
    if (found.isEmpty() && towerless(names)) {
      return Form.LLAVA;
    }
    return found.orElseThrow(
        () ->
            new DataException(
                "%s: is no LLaVA model: looked for %s and %s under the names of %s; a file of adapters or of a projector alone needs its base model"
                    .formatted(file.path(), TABLE, CLASS_TOKEN, Arrays.toString(Form.values()))));
  }

  /// Whether a file of LLaVA's own form leaves the image tower where it came from.
  static boolean towerless(Set<String> names) {
    boolean projects = names.stream().anyMatch(name -> name.startsWith(Form.LLAVA.projector()));
    return projects && !names.contains(Form.LLAVA.vision + CLASS_TOKEN);
  }

  /// What the decoder's weights are called where peft's adapters of a whole model, or of its
  /// decoder alone, were made.
  ///
  /// @param names of the adapters' tensors
  public static Layout adapted(Decoder decoder, Set<String> names) {
    for (Form form : List.of(Form.MEMORY, Form.LLAVA_HF)) {
      if (names.stream().anyMatch(name -> name.startsWith(PEFT + form.body))) {
        return LanguageNames.of(decoder, form.body, form.head);
      }
    }
    return LanguageNames.of(decoder);
  }

  /// A projector in a file of its own, whoever wrote it. What else such a file holds is passed
  /// over: adapters and the language model's part of xtuner's and LLaVA's checkpoints.
  ///
  /// @throws DataException when the file holds no projector of this kind
  public static Layout projector(Projector projector, StoredTensors file) throws DataException {
    for (String before : BEFORE_PROJECTOR) {
      List<TensorRule> rules =
          switch (projector) {
            case LinearProjector linear -> linear(linear, before);
            case TileConnector connector -> connector(connector, before);
          };
      if (rules.stream().allMatch(rule -> file.names().containsAll(rule.foreignNames()))) {
        Set<String> others = Set.copyOf(otherThan(rules, file.names()));
        return new Layout(projector.title() + " of " + before, rules, Set.of(), others);
      }
    }
    throw new DataException(
        "%s: holds no %s of %d tensors; looked for it under %s"
            .formatted(
                file.path(),
                projector.title(),
                projector.weights().size(),
                String.join(", ", BEFORE_PROJECTOR)));
  }

  private static List<String> otherThan(List<TensorRule> rules, Set<String> names) {
    List<String> others = new ArrayList<>(names);
    rules.forEach(rule -> others.removeAll(rule.foreignNames()));
    return others;
  }

  /// Adapters in a checkpoint of xtuner, under the names that peft gives them in a folder of their
  /// own. What else the file holds is passed over.
  static Layout xtunerAdapters(StoredTensors file) {
    List<TensorRule> rules = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (String name : file.names()) {
      if (isXtunerAdapter(name)) {
        String plain = name.substring(XTUNER_MODEL.length()).replace(XTUNER_ADAPTER, ".");
        rules.add(new TensorRule.Copy(plain, name));
      } else {
        others.add(name);
      }
    }
    return new Layout("adapters of xtuner", rules, Set.of(), Set.copyOf(others));
  }

  /// Whether a name of a checkpoint of xtuner is one of adapters of the language model.
  public static boolean isXtunerAdapter(String name) {
    return name.startsWith(XTUNER_MODEL) && name.contains(".lora_");
  }

  /// Whether a name of peft's is of adapters that were made for a whole model of images and text.
  public static boolean isOfWhole(String name) {
    return List.of(Form.MEMORY, Form.LLAVA_HF).stream()
        .anyMatch(form -> name.startsWith(PEFT + form.body));
  }

  /// What stands before the names of the projector that a file holds; empty where it holds none, or
  /// a language model or an image tower, too.
  ///
  /// A name `model.0.weight` alone says little; it counts where the file has nothing else.
  public static Optional<String> projectorAlone(StoredTensors file) {
    if (file.names().stream()
        .anyMatch(name -> name.endsWith(TABLE) || name.endsWith(CLASS_TOKEN))) {
      return Optional.empty();
    }
    return BEFORE_PROJECTOR.stream()
        .filter(
            before ->
                before.equals(PLAIN)
                    ? !file.names().isEmpty()
                        && file.names().stream().allMatch(VisionLanguageNames::isPlainProjector)
                    : file.names().stream().anyMatch(name -> name.startsWith(before)))
        .findFirst();
  }

  private static boolean isPlainProjector(String name) {
    return name.startsWith(PLAIN)
        && (Character.isDigit(name.charAt(PLAIN.length()))
            || name.startsWith(PLAIN + "bert.encoder.layer.")
            || name.startsWith(PLAIN + "norm.")
            || name.startsWith(PLAIN + "mlp.model."));
  }

  /// Whether a name of a checkpoint of xtuner is the projector's.
  static boolean isXtunerProjector(String name) {
    return name.startsWith("projector.");
  }

  /// The connector as PA-LLaVA's folder `projector/` has it.
  public static Layout paLlava(TileConnector connector) {
    return new Layout("PA-LLaVA's connector", connector(connector, "model."), Set.of(), Set.of());
  }

  /// A projector as xtuner's folder `projector/` has it.
  public static Layout xtuner(LinearProjector projector) {
    return new Layout("xtuner's projector", linear(projector, "model."), Set.of(), Set.of());
  }

  /// LLaVA and xtuner number the modules between which an activation stands, transformers the
  /// linears; LLaVA gives a projector of one linear no number.
  private static List<TensorRule> linear(LinearProjector projector, String before) {
    NameTable names = new NameTable();
    for (int i = 0; i < projector.depth(); i++) {
      String foreign = before + 2 * i;
      if (before.endsWith(HUGGING_FACE)) {
        foreign = before + "linear_" + (i + 1);
      } else if (before.endsWith(LLAVA_OWN) && projector.depth() == 1) {
        foreign = before.substring(0, before.length() - 1);
      }
      names.copyAffine(projector.linear(i), foreign);
    }
    return names.rules();
  }

  private static List<TensorRule> connector(TileConnector connector, String before) {
    NameTable names = new NameTable();
    for (int i = 0; i < connector.layers(); i++) {
      String own = connector.layer(i) + ".";
      String foreign = "%sbert.encoder.layer.%d.".formatted(before, i);
      for (String part : NameTable.AFFINE) {
        names.stack(
            own + "attention.query-key-value." + part,
            foreign + "attention.self.query." + part,
            foreign + "attention.self.key." + part,
            foreign + "attention.self.value." + part);
        names.stack(
            own + "cross-attention.key-value." + part,
            foreign + "crossattention.self.key." + part,
            foreign + "crossattention.self.value." + part);
      }
      for (int module = 0; module < CONNECTOR.size(); module++) {
        names.copyAffine(own + OWN_CONNECTOR.get(module), foreign + CONNECTOR.get(module));
      }
    }
    names.copyAffine(connector.prefix() + ".norm", before + "norm");
    names.copyAffine(connector.prefix() + ".output", before + "mlp.model.0");
    return names.rules();
  }
}
