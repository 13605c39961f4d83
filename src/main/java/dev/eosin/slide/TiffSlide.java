package dev.eosin.slide;

import dev.eosin.config.DataException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;

/// Which directories of a TIFF file are levels of a slide, and which are pictures beside it.
///
/// - Aperio (its description begins so): tiled directories are levels; of the others the second
///   directory is the thumbnail, and the rest are called by the word in the second line of their
///   description, such as label and macro.
/// - OME: the first directory is level 0, those that it names (SubIFDs) are further levels, and
///   then as any other.
/// - Any other: the first directory is level 0, those that call themselves reduced and have its
///   shape are further levels.
///
/// @param levels largest first
/// @param associated pictures beside the levels, by name
/// @param description of level 0, empty where it has none
record TiffSlide(
    Vendor vendor,
    List<Pieces> levels,
    SequencedMap<String, Pieces> associated,
    String description) {
  /// Whose rules a file follows.
  enum Vendor {
    APERIO,
    OME,
    GENERIC
  }

  private static final int REDUCED = 1;

  /// How far a level's sides may be from the shape of level 0, in pixels.
  private static final double SHAPE_PIXELS = 2;

  static TiffSlide of(SlideFile file) throws DataException {
    TiffDirectories directories = TiffDirectories.of(file);
    List<TiffDirectory> chain = directories.chain();
    if (chain.isEmpty()) {
      throw new DataException(file.path() + ": holds no image; the file is corrupt or no slide");
    }
    TiffDirectory first = chain.getFirst();
    String description = first.text(TiffDirectory.DESCRIPTION).orElse("");
    UnreadSlides.refuse(first, description);
    if (description.startsWith("Aperio")) {
      return aperio(chain, description);
    }
    return description.contains("<OME") || description.contains("openmicroscopy.org")
        ? ome(directories, chain, description)
        : generic(chain, description);
  }

  private static TiffSlide aperio(List<TiffDirectory> chain, String description)
      throws DataException {
    List<Pieces> levels = new ArrayList<>();
    SequencedMap<String, Pieces> associated = new LinkedHashMap<>();
    for (int i = 0; i < chain.size(); i++) {
      TiffDirectory directory = chain.get(i);
      if (i == 0 || directory.has(TiffDirectory.TILE_WIDTH)) {
        levels.add(Pieces.of(directory));
      } else {
        String name = i == 1 ? "thumbnail" : secondLineWord(directory).orElse("page-" + i);
        associated.putIfAbsent(name, Pieces.of(directory));
      }
    }
    return sorted(Vendor.APERIO, levels, associated, description);
  }

  private static Optional<String> secondLineWord(TiffDirectory directory) throws DataException {
    return directory
        .heading(TiffDirectory.DESCRIPTION)
        .flatMap(text -> text.lines().skip(1).findFirst())
        .map(line -> line.strip().split("\\s", 2)[0].toLowerCase(Locale.ROOT))
        .filter(word -> !word.isEmpty());
  }

  private static TiffSlide ome(
      TiffDirectories directories, List<TiffDirectory> chain, String description)
      throws DataException {
    List<Pieces> levels = new ArrayList<>();
    levels.add(Pieces.of(chain.getFirst()));
    long[] further =
        chain.getFirst().numbers(TiffDirectory.SUB_DIRECTORIES, TiffDirectories.MOST_DIRECTORIES);
    for (long offset : further) {
      for (TiffDirectory directory : directories.chain(offset)) {
        levels.add(Pieces.of(directory));
      }
    }
    SequencedMap<String, Pieces> associated = new LinkedHashMap<>();
    for (int i = 1; i < chain.size(); i++) {
      Pieces other = Pieces.of(chain.get(i));
      if (isReduced(other, levels.getFirst())) {
        levels.add(other);
      } else {
        associated.put("page-" + i, other);
      }
    }
    return sorted(Vendor.OME, levels, associated, description);
  }

  private static TiffSlide generic(List<TiffDirectory> chain, String description)
      throws DataException {
    List<Pieces> levels = new ArrayList<>();
    SequencedMap<String, Pieces> associated = new LinkedHashMap<>();
    levels.add(Pieces.of(chain.getFirst()));
    for (int i = 1; i < chain.size(); i++) {
      Pieces other = Pieces.of(chain.get(i));
      if (isReduced(other, levels.getFirst())) {
        levels.add(other);
      } else {
        associated.put("page-" + i, other);
      }
    }
    return sorted(Vendor.GENERIC, levels, associated, description);
  }

  private static boolean isReduced(Pieces other, Pieces first) throws DataException {
    long kind = other.directory().number(TiffDirectory.SUBFILE).orElse(0);
    return (kind & REDUCED) != 0 && other.width() < first.width() && hasShape(other, first);
  }

  private static boolean hasShape(Pieces other, Pieces first) {
    double height = (double) first.height() * other.width() / first.width();
    double slack = SHAPE_PIXELS * Math.max(1, (double) first.height() / first.width());
    return Math.abs(height - other.height()) <= slack;
  }

  private static TiffSlide sorted(
      Vendor vendor,
      List<Pieces> levels,
      SequencedMap<String, Pieces> associated,
      String description)
      throws DataException {
    Pieces first = levels.getFirst();
    for (Pieces level : levels) {
      if (level.width() > first.width() || !hasShape(level, first)) {
        throw level
            .directory()
            .flaw(
                "is a level of %d x %d px of a slide of %d x %d px, which has another shape"
                    .formatted(level.width(), level.height(), first.width(), first.height()));
      }
    }
    levels.sort((one, other) -> Integer.compare(other.width(), one.width()));
    return new TiffSlide(vendor, List.copyOf(levels), associated, description);
  }
}
