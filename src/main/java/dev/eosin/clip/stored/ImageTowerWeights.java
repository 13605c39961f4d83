package dev.eosin.clip.stored;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.NameTable;
import dev.eosin.checkpoint.Quote;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorRule;
import dev.eosin.clip.Clip;
import dev.eosin.clip.ImageTowerSettings;
import dev.eosin.clip.spec.BareTower;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.config.DataException;
import dev.eosin.model.ResizedPositions;
import dev.eosin.nn.Weight;
import dev.eosin.tower.ImageSpec;
import dev.eosin.tower.TimmFile;
import dev.eosin.tower.TimmImage;
import dev.eosin.tower.TowerLayouts;
import dev.eosin.tower.Vit;
import dev.eosin.train.StoredWeights;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// The weights of an image tower alone, opened: its positions are fitted to the recipe's image size
/// as timm and open_clip fit them (bicubic, antialiased).
///
/// @param file the weights under the file's own names
/// @param layout how they are named
/// @param notes what a user should know, one line each
public record ImageTowerWeights(StoredTensors file, Layout layout, List<String> notes)
    implements AutoCloseable {
  /// What Eosin's names of the tower begin with.
  static final String PREFIX = "image";

  private static final String PROJECTION = PREFIX + ".projection";

  /// Of a whole CLIP: what is not the image tower's.
  private static final Set<String> OF_THE_REST =
      Set.of("text_model.", "text_projection.", "logit_scale");

  public ImageTowerWeights {
    notes = List.copyOf(notes);
  }

  /// Opens the weights; reads none of them.
  ///
  /// @param wanted the architecture with the recipe's input size
  /// @throws DataException when the file cannot be read, or listing every tensor that does not fit
  public static ImageTowerWeights open(ImageTowerSettings settings, ClipSpec wanted)
      throws DataException {
    BareTower tower = settings.tower();
    StoredTensors file = StoredTensors.open(settings.from());
    try {
      Layout layout = layout(settings.from(), tower.image(), wanted.embedSize(), file);
      List<String> notes = new ArrayList<>(file.notes());
      notes.add(note(settings.from(), layout));
      Map<String, ResizedPositions.Resize> resizes = new HashMap<>();
      StartingWeights.resizeImage(layout, file, tower.image(), wanted.image(), notes, resizes);
      var weights = new ImageTowerWeights(new ResizedPositions(file, resizes), layout, notes);
      weights.check(wanted);
      return weights;
    } catch (DataException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  private static Layout layout(Path from, ImageSpec image, int embedSize, StoredTensors file)
      throws DataException {
    return switch (image) {
      case TimmImage timm -> timm(from, timm, file);
      case Vit vit -> huggingFace(vit, embedSize, file);
    };
  }

  private static Layout timm(Path from, TimmImage image, StoredTensors file) throws DataException {
    if (file.names().contains("fc_norm.weight") && !file.names().contains("norm.weight")) {
      throw new DataException(
          "%s: its norm follows the mean of the patches (timm's fc_norm), which open_clip's models with a projection do not know; take a tower with a norm of its tokens"
              .formatted(from));
    }
    return TimmFile.layout(PREFIX, image, true);
  }

  private static Layout huggingFace(Vit vit, int embedSize, StoredTensors file)
      throws DataException {
    String stem = file.names().contains("pre_layrnorm.weight") ? "" : "vision_model.";
    String projection = "visual_projection.weight";
    var table = new NameTable();
    TowerLayouts.huggingFaceVit(table, PREFIX, stem, vit.layers());
    Set<String> unused = new HashSet<>(OF_THE_REST);
    if (file.names().contains(projection)
        && file.header(projection).shape().getFirst() == embedSize) {
      table.transpose(PROJECTION, projection);
    } else {
      unused.add(projection);
    }
    return new Layout("a Hugging Face CLIPVisionModel", table.rules(), Set.of(), unused);
  }

  private static String note(Path from, Layout layout) {
    boolean projects = layout.rules().stream().anyMatch(rule -> rule.name().equals(PROJECTION));
    return "the image tower's weights are those of %s (%s)%s"
        .formatted(
            Quote.line(from.toString()),
            layout.name(),
            projects ? "" : "; its projection to the embedding starts from random values");
  }

  private Set<String> names() {
    return layout.rules().stream().map(TensorRule::name).collect(Collectors.toSet());
  }

  private void check(ClipSpec wanted) throws DataException {
    Set<String> names = names();
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    for (Weight weight : Clip.weights(wanted)) {
      if (names.contains(weight.name())) {
        shapes.put(weight.name(), StoredWeights.boxed(weight.shape()));
      }
    }
    layout.read(file, shapes);
  }

  /// Fills the tower of a model whose other weights stay as they are.
  ///
  /// @throws DataException with what of the file does not fit, or has numbers that are not finite
  public void fill(Clip clip) throws DataException {
    Set<String> names = names();
    Set<String> others = new HashSet<>(clip.adapterNames());
    Clip.weights(clip.spec()).stream()
        .map(Weight::name)
        .filter(name -> !names.contains(name))
        .forEach(others::add);
    StoredWeights.fill(clip.parameters(), layout, file, others);
  }

  @Override
  public void close() {
    file.close();
  }
}
