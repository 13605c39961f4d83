package dev.eosin.qformer;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Which of transformers' models a folder with a Q-Former holds.
public enum QFormerKind {
  /// The first stage, with the heads that align images with text.
  ALIGNMENT("Blip2ForImageTextRetrieval", "blip-2", "blip_2", QFormerNames.BLIP2),
  /// The second stage of BLIP-2: the Q-Former looks at the image alone.
  BLIP2("Blip2ForConditionalGeneration", "blip-2", "blip_2", QFormerNames.BLIP2),
  /// The second stage of InstructBLIP: the Q-Former reads the instruction, too.
  INSTRUCT_BLIP(
      "InstructBlipForConditionalGeneration",
      "instructblip",
      "instructblip",
      QFormerNames.INSTRUCT_BLIP);

  private final String architecture;
  private final String type;
  private final String partType;
  private final QFormerNames names;

  QFormerKind(String architecture, String type, String partType, QFormerNames names) {
    this.architecture = architecture;
    this.type = type;
    this.partType = partType;
    this.names = names;
  }

  /// transformers' class.
  public String architecture() {
    return architecture;
  }

  /// transformers' `model_type`.
  String type() {
    return type;
  }

  /// What the `model_type` of its parts begins with.
  String partType() {
    return partType;
  }

  /// What its files call the weights.
  public QFormerNames names() {
    return names;
  }

  /// Whether the Q-Former reads text.
  public boolean reads() {
    return this != BLIP2;
  }

  /// Whether a language model stands behind the Q-Former.
  public boolean answers() {
    return this != ALIGNMENT;
  }

  static Optional<QFormerKind> of(String architecture) {
    return Arrays.stream(values()).filter(k -> k.architecture.equals(architecture)).findFirst();
  }

  static List<String> architectures() {
    return Arrays.stream(values()).map(QFormerKind::architecture).toList();
  }
}
