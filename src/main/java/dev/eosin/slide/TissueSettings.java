package dev.eosin.slide;

import dev.eosin.config.DataException;
import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.config.Share;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/// Which tiles are worth keeping.
@Doc("Which tiles are worth keeping.")
public record TissueSettings(
    @Doc(
            "How tissue is told from glass on an overview: otsu takes the best threshold of this"
                + " slide's colourfulness, faint half of that, black-background also takes dark"
                + " borders of scanners for glass, none takes everything for tissue.")
        @OrElse("otsu")
        Preset preset,
    @Doc("Micrometres that a pixel of the overview measures.")
        @OrElse("8")
        @Range(min = 1, max = 100)
        double overviewMpp,
    @Doc("Tiles with a smaller share of tissue are dropped.") @OrElse("50 %") Share atLeast,
    @Doc("Tiles with a larger share of white are dropped.") @OrElse("85 %") Share blank,
    @Doc("Tiles with a larger share of the colours of pens are dropped.") @OrElse("12 %") Share pen,
    @Doc(
            "Tiles whose grey values differ less from their neighbours' are dropped as blurred: the"
                + " variance of the Laplacian, in squared grey values.")
        @OrElse("10")
        @Range(min = 0, max = 100_000)
        double sharpness,
    @Doc(
            "A folder with SLIDE.geojson for some or all slides, polygons in pixels of level 0 as"
                + " QuPath writes them: they replace the overview's tissue.")
        Optional<Path> contours,
    @Doc(
            "A folder with SLIDE.h5 or SLIDE_patches.h5 for some or all slides, coordinates as"
                + " TRIDENT and CLAM write them: their tiles take the place of the grid's. They"
                + " must be of the size that is cut.")
        Optional<Path> coordinates,
    @Doc(
            "Whether tissue that lies folded on itself is looked for on the overview: keep does"
                + " not; usual takes what is more than 1.9 times as dense as the slide's tissue,"
                + " strict 1.6 times.")
        @OrElse("keep")
        Folds folds,
    @Doc("Tiles with a larger share of folds are dropped.") @OrElse("25 %") Share folded) {
  /// @throws IllegalArgumentException when folds are looked for where nothing tells tissue from
  ///   glass
  public TissueSettings {
    if (folds != Folds.KEEP && preset == Preset.NONE) {
      throw new IllegalArgumentException(
          "folds: %s compares with the slide's tissue, which preset: none does not look for; use another preset"
              .formatted(folds.name().toLowerCase(Locale.ROOT)));
    }
  }

  /// Without looking for folds.
  public TissueSettings(
      Preset preset,
      double overviewMpp,
      Share atLeast,
      Share blank,
      Share pen,
      double sharpness,
      Optional<Path> contours,
      Optional<Path> coordinates) {
    this(
        preset,
        overviewMpp,
        atLeast,
        blank,
        pen,
        sharpness,
        contours,
        coordinates,
        Folds.KEEP,
        new Share(0.25));
  }

  /// What is taken for a fold.
  public enum Folds {
    KEEP,
    USUAL,
    STRICT
  }

  /// As results are pinned: what came later is told where it changes them.
  @Override
  public String toString() {
    String told =
        "TissueSettings[preset=%s, overviewMpp=%s, atLeast=%s, blank=%s, pen=%s, sharpness=%s, contours=%s, coordinates=%s"
            .formatted(preset, overviewMpp, atLeast, blank, pen, sharpness, contours, coordinates);
    return folds == Folds.KEEP ? told + "]" : "%s, folds=%s %s]".formatted(told, folds, folded);
  }

  /// How tissue is told from glass.
  public enum Preset {
    OTSU,
    FAINT,
    BLACK_BACKGROUND,
    NONE
  }

  /// The contours that stand for a slide's tissue.
  public Optional<Path> contoursOf(String slide) {
    return contours.flatMap(folder -> first(folder, slide + ".geojson"));
  }

  /// The coordinates that stand for a slide's grid.
  public Optional<Path> coordinatesOf(String slide) {
    return coordinates.flatMap(folder -> first(folder, slide + ".h5", slide + "_patches.h5"));
  }

  private static Optional<Path> first(Path folder, String... names) {
    return Stream.of(names).map(folder::resolve).filter(Files::exists).findFirst();
  }

  /// Checks that the folders serve some of these slides: a misspelt one would be passed over.
  ///
  /// @param slides their names
  /// @throws DataException when a folder is missing or has no file for any slide
  public void requireFilesFor(List<String> slides) throws DataException {
    require(contours, this::contoursOf, "contours", "SLIDE.geojson", slides);
    require(coordinates, this::coordinatesOf, "coordinates", "SLIDE.h5", slides);
  }

  private static void require(
      Optional<Path> folder,
      Function<String, Optional<Path>> file,
      String setting,
      String expected,
      List<String> slides)
      throws DataException {
    if (folder.isPresent() && slides.stream().noneMatch(name -> file.apply(name).isPresent())) {
      throw new DataException(
          "%s: tissue.%s %s; expected %s for some of the %d slides, such as %s"
              .formatted(
                  folder.get(),
                  setting,
                  Files.isDirectory(folder.get()) ? "has no file for any slide" : "is no folder",
                  expected,
                  slides.size(),
                  expected.replace("SLIDE", slides.getFirst())));
    }
  }

  /// All defaults.
  public static final TissueSettings DEFAULT =
      new TissueSettings(
          Preset.OTSU,
          8,
          new Share(0.5),
          new Share(0.85),
          new Share(0.12),
          10,
          Optional.empty(),
          Optional.empty());
}
