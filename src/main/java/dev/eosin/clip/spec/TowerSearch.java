package dev.eosin.clip.spec;

import dev.eosin.tower.TowerNames;
import java.util.Optional;
import java.util.Set;

/// Finds out what towers a file's names are of.
///
/// @param format how they may be named
/// @param names of a file
record TowerSearch(ClipFormat format, Set<String> names) {
  /// Both towers, where both are there. Whether a BERT that has a pooler uses it, and what of
  /// Eosin's names comes of a norm after pooling, only the configuration says.
  Optional<TowerNames> towers() {
    return image().flatMap(image -> text().map(text -> new TowerNames(image, text)));
  }

  private Optional<TowerNames.Image> image() {
    boolean timm = format.holdsOthers() && has(timm(1, true, false), "image.patch-embedding.bias");
    TowerNames.Image first = timm ? timm(1, true, false) : new TowerNames.Vit(1);
    int layers = layers(first, new TowerNames.Causal(1), "image");
    if (layers == 0) {
      return Optional.empty();
    }
    return Optional.of(timm ? timm(layers) : new TowerNames.Vit(layers));
  }

  private TowerNames.Timm timm(int layers) {
    TowerNames.Timm linear = timm(1, true, false);
    TowerNames.Timm two = timm(2, true, false);
    int matrices =
        has(two, "image.projection.1.weight")
            ? 2
            : has(linear, "image.projection.0.weight") ? 1 : 0;
    return new TowerNames.Timm(
        layers,
        has(linear, "image.register-tokens"),
        has(linear, "image.blocks.0.attention.layer-scale"),
        has(timm(1, true, true), "image.final-norm.weight"),
        matrices,
        switch (matrices) {
          case 1 -> has(linear, "image.projection.0.bias");
          case 2 -> has(two, "image.projection.1.bias");
          default -> false;
        });
  }

  /// A trunk of one block with all there can be.
  private static TowerNames.Timm timm(int matrices, boolean lastBias, boolean normAfterPooling) {
    return new TowerNames.Timm(1, true, true, normAfterPooling, matrices, lastBias);
  }

  private Optional<TowerNames.Text> text() {
    TowerNames.Bert linear = new TowerNames.Bert(1, true, 1);
    boolean bert = format.holdsOthers() && has(linear, "text.embedding-norm.weight");
    TowerNames.Text first = bert ? linear : new TowerNames.Causal(1);
    int layers = layers(new TowerNames.Vit(1), first, "text");
    if (layers == 0) {
      return Optional.empty();
    }
    return Optional.of(bert ? bert(layers) : new TowerNames.Causal(layers));
  }

  private TowerNames.Bert bert(int layers) {
    TowerNames.Bert linear = new TowerNames.Bert(1, true, 1);
    TowerNames.Bert two = new TowerNames.Bert(1, true, 2);
    int matrices =
        has(two, "text.projection.1.weight") ? 2 : has(linear, "text.projection.0.weight") ? 1 : 0;
    return new TowerNames.Bert(layers, has(linear, "text.pooler.weight"), matrices);
  }

  private int layers(TowerNames.Image image, TowerNames.Text text, String tower) {
    String first = foreign(image, text, tower + ".blocks.0.attention-norm.weight");
    int layers = 0;
    while (names.contains(first.replace(".0.", "." + layers + "."))) {
      layers++;
    }
    return layers;
  }

  private boolean has(TowerNames.Image image, String name) {
    return names.contains(foreign(image, new TowerNames.Causal(1), name));
  }

  private boolean has(TowerNames.Text text, String name) {
    return names.contains(foreign(new TowerNames.Vit(1), text, name));
  }

  private String foreign(TowerNames.Image image, TowerNames.Text text, String name) {
    return format.layout(new TowerNames(image, text)).rules().stream()
        .filter(rule -> rule.name().equals(name))
        .findFirst()
        .orElseThrow()
        .foreignNames()
        .getFirst();
  }
}
