package dev.eosin.qformer;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorHeader;
import dev.eosin.config.DataException;
import dev.eosin.features.ImageFeatures;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.tower.TimmImage;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;

/// A file of nothing but an image tower of EVA's kind, such as `eva_vit_g.pth`. Sizes are those of
/// its tensors; heads of attention are 88 wide, as EVA-ViT-g's are.
///
/// Source: LAVIS `eva_vit.py`.
///
/// @param image the tower, with all blocks that the file has
public record EvaFile(TimmImage image) {
  private static final int HEAD_WIDTH = 88;
  private static final String POSITIONS = "pos_embed";
  private static final String PATCHES = "patch_embed.proj.weight";
  private static final String MLP = "blocks.0.mlp.fc1.weight";

  /// Whether a file's names are such a tower's: it has biases of queries and values, and none of
  /// keys.
  public static boolean is(StoredTensors file) {
    return file.names().containsAll(List.of(POSITIONS, PATCHES, MLP, bias(0)));
  }

  /// Whether a path holds such a tower; what is wrong with it otherwise is not said.
  public static boolean is(Path path) {
    try (StoredTensors file = StoredTensors.open(path)) {
      return is(file);
    } catch (DataException e) {
      return false;
    }
  }

  private static String bias(int block) {
    return "blocks.%d.attn.q_bias".formatted(block);
  }

  /// Reads names and shapes.
  ///
  /// @throws DataException when they are those of no tower
  public static EvaFile read(StoredTensors file) throws DataException {
    List<Long> patches = shape(file, PATCHES, 4);
    int width = patches.getFirst().intValue();
    int patch = patches.getLast().intValue();
    int grid = (int) Math.round(Math.sqrt(shape(file, POSITIONS, 3).get(1) - 1));
    int blocks = 0;
    while (file.names().contains(bias(blocks))) {
      blocks++;
    }
    if (width % HEAD_WIDTH != 0) {
      throw new DataException(
          "%s: its tokens are %d wide; EVA-ViT-g's heads are %d wide, and no number of them fits"
              .formatted(file.path(), width, HEAD_WIDTH));
    }
    int mlp = shape(file, MLP, 2).getFirst().intValue();
    return new EvaFile(
        EvaNames.image(
            new TimmImage.Trunk(
                patch * grid,
                patch * grid,
                patch,
                width,
                blocks,
                width / HEAD_WIDTH,
                mlp,
                false,
                OptionalDouble.empty(),
                0,
                false)));
  }

  private static List<Long> shape(StoredTensors file, String name, int dimensions)
      throws DataException {
    TensorHeader header = file.header(name);
    if (header.shape().size() != dimensions) {
      throw new DataException(
          "%s: %s is %s, which is no shape of EVA's".formatted(file.path(), name, header.shape()));
    }
    return header.shape();
  }

  /// The tower's weights under Eosin's names; its last norm and head are passed over.
  ///
  /// @param file that was read; closed with what is returned
  /// @throws DataException naming every tensor that is missing, too many or of another shape
  public StoredTensors weights(StoredTensors file, String prefix) throws DataException {
    ImageFeatures tower = EvaNames.states(prefix, image);
    return EvaNames.file(tower, image.layers()).read(file, LanguageFolder.shapes(tower.weights()));
  }
}
