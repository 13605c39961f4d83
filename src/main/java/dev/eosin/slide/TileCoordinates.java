package dev.eosin.slide;

import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.WritableDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// Places of tiles in HDF5, as TRIDENT and CLAM keep them: `coords` [n,2] int64, x and y at level
/// 0, with attributes.
///
/// @param name of the slide
/// @param places upper left corners
/// @param patchSize of a tile as it is read, in pixels
/// @param patchSizeLevel0 of a tile in pixels of level 0; empty where the file does not say it
public record TileCoordinates(
    String name, List<TilePlan.Place> places, int patchSize, OptionalInt patchSizeLevel0) {
  private static final String COORDS = "coords";

  public TileCoordinates {
    places = List.copyOf(places);
  }

  /// Reads a file of TRIDENT's, CLAM's or ours.
  ///
  /// @throws DataException when it holds no coordinates
  public static TileCoordinates read(Path file) throws DataException {
    try (HdfFile hdf = new HdfFile(file)) {
      if (!(hdf.getChild(COORDS) instanceof Dataset coords) || coords.getDimensions().length < 2) {
        throw new DataException(file + ": has no data set 'coords' of [n, 2]");
      }
      List<TilePlan.Place> places = new ArrayList<>();
      collect(file, coords.getData(), places);
      int patch = attribute(coords, "patch_size").orElse(0);
      OptionalInt level0 = attribute(coords, "patch_size_level0");
      if (level0.isEmpty()) {
        level0 = ofClam(coords, patch);
      }
      String name = String.valueOf(file.getFileName()).replaceFirst("(_patches)?\\.[^.]+$", "");
      return new TileCoordinates(name, places, patch, level0);
    } catch (DataException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new DataException(file + ": cannot be read as HDF5: " + e.getMessage(), e);
    }
  }

  private static void collect(Path file, Object data, List<TilePlan.Place> places)
      throws DataException {
    switch (data) {
      case long[][] rows -> {
        for (long[] row : rows) {
          places.add(new TilePlan.Place(Math.toIntExact(row[0]), Math.toIntExact(row[1])));
        }
      }
      case int[][] rows -> {
        for (int[] row : rows) {
          places.add(new TilePlan.Place(row[0], row[1]));
        }
      }
      default -> throw new DataException(file + ": 'coords' are no whole numbers of [n, 2]");
    }
  }

  /// CLAM tells the size on the level that it cut from, and how much coarser that level is.
  private static OptionalInt ofClam(Dataset coords, int patch) {
    OptionalInt level = attribute(coords, "patch_level");
    if (level.orElse(-1) == 0) {
      return OptionalInt.of(patch);
    }
    Attribute downsample = coords.getAttribute("downsample");
    return level.isPresent()
            && downsample != null
            && downsample.getData() instanceof double[] factors
            && factors.length > 0
        ? OptionalInt.of((int) Math.round(patch * factors[0]))
        : OptionalInt.empty();
  }

  private static OptionalInt attribute(Dataset coords, String name) {
    Attribute attribute = coords.getAttribute(name);
    return attribute != null && attribute.getData() instanceof Number number
        ? OptionalInt.of(number.intValue())
        : OptionalInt.empty();
  }

  /// Writes TRIDENT's layout.
  ///
  /// @throws DataException when it cannot be written; nothing is left behind
  public static void write(
      Path file,
      String name,
      Slide slide,
      TilePlan plan,
      TilingSettings tiling,
      List<TilePlan.Place> places)
      throws DataException {
    Path temporary = file.resolveSibling("." + file.getFileName() + ".partial");
    try {
      Files.createDirectories(AtomicFile.parent(file.toAbsolutePath()));
      try (WritableHdfFile hdf = HdfFile.write(temporary)) {
        long[][] rows = new long[places.size()][];
        for (int i = 0; i < rows.length; i++) {
          rows[i] = new long[] {places.get(i).x(), places.get(i).y()};
        }
        WritableDataset coords = hdf.putDataset(COORDS, rows);
        double mpp = plan.pixel().map(PixelSize::x).orElse(0.0);
        int power = Magnification.of(mpp).orElse(0);
        int side = (int) Math.round(plan.width());
        coords.putAttribute("patch_size", (long) plan.size());
        coords.putAttribute("patch_size_level0", (long) side);
        coords.putAttribute("overlap", (long) tiling.overlapPixels());
        coords.putAttribute("level0_magnification", (long) power);
        coords.putAttribute(
            "target_magnification", Math.round((double) power * plan.size() / plan.width()));
        coords.putAttribute("level0_width", (long) slide.width());
        coords.putAttribute("level0_height", (long) slide.height());
        coords.putAttribute("name", name);
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new DataException(file + ": cannot be written: " + AtomicFile.reason(e), e);
    }
  }
}
