package dev.eosin.export;

import dev.eosin.config.DataException;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.listed.ListedImage;
import dev.eosin.data.listed.ListedImages;
import dev.eosin.image.RgbImage;
import dev.eosin.image.transforms.TileTransform;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeSet;

/// Tiles that a model was not trained on, and the texts that they are compared with.
///
/// @param name says where they are, for messages
/// @param title says what they are, for readers elsewhere
/// @param fingerprint changes whenever the rows or their order change
/// @param tiles at least [#LEAST]
/// @param prompts of each class; or one text each, where tiles have no classes
/// @param transform makes a model's input of an image
public record HeldOut(
    String name,
    String title,
    String fingerprint,
    List<Tile> tiles,
    List<List<String>> prompts,
    TileTransform transform) {
  /// Fewer tiles prove nothing.
  public static final int LEAST = 512;

  private static final String VALIDATION = "the validation data of its training";

  private static final RandomKey UNUSED = new RandomKey(0);

  /// What tiles without classes and captions are compared with.
  private static final List<String> TEXTS =
      List.of(
          "adipose tissue",
          "background",
          "blood vessels",
          "cartilage",
          "colon adenocarcinoma",
          "debris and necrosis",
          "glands of normal mucosa",
          "inflammation with lymphocytes",
          "mucus",
          "normal lung tissue",
          "smooth muscle",
          "squamous cell carcinoma",
          "stroma of a tumour");

  /// One of them.
  ///
  /// @param key names it
  /// @param truth its class
  public record Tile(String key, Sample.ImageReader image, OptionalInt truth) {}

  /// @throws IllegalArgumentException when there is no text
  public HeldOut {
    tiles = List.copyOf(tiles);
    prompts = prompts.stream().map(List::copyOf).toList();
    if (prompts.isEmpty()) {
      throw new IllegalArgumentException(name + ": there is no text to compare tiles with");
    }
  }

  /// Whether the class of tiles is known.
  public boolean classified() {
    return tiles.stream().allMatch(tile -> tile.truth().isPresent());
  }

  /// Samples with known classes.
  ///
  /// @param labels the classes, in the order of the prompts
  /// @param most of the samples, at even distances
  /// @throws DataException when there are fewer than [#LEAST]
  public static HeldOut classes(
      String name,
      Source source,
      List<String> labels,
      List<List<String>> prompts,
      TileTransform transform,
      int most)
      throws DataException {
    Source spread = source.spread(most);
    List<Tile> tiles = new ArrayList<>();
    for (long i = 0; i < spread.size(); i++) {
      Sample sample = spread.get(i);
      int truth = labels.indexOf(sample.label().orElse(""));
      tiles.add(
          new Tile(
              sample.key(),
              sample.image(),
              truth < 0 ? OptionalInt.empty() : OptionalInt.of(truth)));
    }
    return checked(name, VALIDATION, source.fingerprint(), tiles, prompts, transform);
  }

  /// Samples that are compared with each other's captions.
  ///
  /// @throws DataException when there are fewer than [#LEAST]
  public static HeldOut captions(String name, Source source, TileTransform transform, int most)
      throws DataException {
    Source spread = source.spread(most);
    List<Tile> tiles = new ArrayList<>();
    var texts = new TreeSet<String>();
    for (long i = 0; i < spread.size(); i++) {
      Sample sample = spread.get(i);
      tiles.add(new Tile(sample.key(), sample.image(), OptionalInt.empty()));
      sample.texts().stream().filter(text -> !text.isBlank()).findFirst().ifPresent(texts::add);
    }
    if (texts.isEmpty()) {
      texts.addAll(TEXTS);
    }
    return checked(
        name,
        VALIDATION,
        source.fingerprint(),
        tiles,
        texts.stream().map(List::of).toList(),
        transform);
  }

  /// Images of a folder or table, whose labels are the classes where there are two or more.
  ///
  /// @param template around a class's name, which stands for `{}`
  /// @throws DataException when there are fewer than [#LEAST]
  public static HeldOut of(
      String name, ListedImages images, String template, TileTransform transform, int most)
      throws DataException {
    int count = Math.toIntExact(Math.min(images.size(), most));
    List<ListedImage> rows = new ArrayList<>();
    var labels = new TreeSet<String>();
    for (int i = 0; i < count; i++) {
      ListedImage row = images.get(i * images.size() / count);
      rows.add(row);
      row.label().ifPresent(labels::add);
    }
    boolean classified =
        labels.size() > 1 && rows.stream().allMatch(row -> row.label().isPresent());
    List<String> texts = classified ? List.copyOf(labels) : TEXTS;
    List<Tile> tiles = new ArrayList<>();
    for (ListedImage row : rows) {
      int truth = texts.indexOf(row.label().orElse(""));
      tiles.add(
          new Tile(
              row.path(),
              row.images().getFirst(),
              classified ? OptionalInt.of(truth) : OptionalInt.empty()));
    }
    List<List<String>> prompts =
        texts.stream()
            .map(text -> List.of(template.replace("{}", text.replace('_', ' '))))
            .toList();
    return checked(name, "tiles named for it", images.fingerprint(), tiles, prompts, transform);
  }

  private static HeldOut checked(
      String name,
      String title,
      String fingerprint,
      List<Tile> tiles,
      List<List<String>> prompts,
      TileTransform transform)
      throws DataException {
    if (tiles.size() < LEAST) {
      throw new DataException(
          "%s: has %d tiles, and equality is proven on %d or more; name others with --verify"
              .formatted(name, tiles.size(), LEAST));
    }
    return new HeldOut(name, title, fingerprint, tiles, prompts, transform);
  }

  /// The first tiles that can be read.
  List<RgbImage> first(int count) {
    List<RgbImage> images = new ArrayList<>();
    for (Tile tile : tiles) {
      if (images.size() == count) {
        break;
      }
      try {
        images.add(read(tile));
      } catch (IOException unread) {
        // Another will do.
      }
    }
    return images;
  }

  /// A tile as a model takes it.
  ///
  /// @throws IOException naming the file and the reason, when the image cannot be read
  RgbImage read(Tile tile) throws IOException {
    return transform.apply(
        tile.image().read(), UNUSED.stream(RandomKey.Purpose.AUGMENTATION, 0, 0));
  }
}
