package dev.eosin.slide;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Pixels;
import dev.eosin.config.Range;
import dev.eosin.image.Filter;
import java.util.Optional;
import java.util.stream.Stream;

/// Which tiles are cut of a slide. Exactly one of `mpp`, `magnification-compat` and `level0` says
/// at which size.
@Doc(
    "Which tiles are cut of a slide: exactly one of mpp, magnification-compat and level0 says at"
        + " which size.")
public record TilingSettings(
    @Doc("Width and height of a tile as it is written.") @OrElse("256 px") Pixels size,
    @Doc(
            "Micrometres that a pixel of a tile measures, exactly: tiles are resized where no level"
                + " has it.")
        Optional<Double> mpp,
    @Doc(
            "The magnification of a tile, as TRIDENT takes it: slides are 5, 10, 20, 40, 60 or 80x"
                + " by the class that their MPP falls into (0.265 is 40x), and tiles are cut by the"
                + " quotient of both.")
        Optional<Integer> magnificationCompat,
    @Doc(
            "Width and height of a tile in pixels of level 0, whatever they measure, as PathGen's"
                + " 672.")
        Optional<Pixels> level0,
    @Doc(
            "How far neighbouring tiles reach into each other, in pixels as they are written; less"
                + " than size.")
        Optional<Pixels> overlap,
    @Doc("How tiles are resized where they have to be, with Pillow's kernels.") @OrElse("bicubic")
        Filter resize,
    @Doc("The power of the objective may stand for a missing MPP: 20x is 0.5.") @OrElse("false")
        boolean objectivePower,
    @Doc("Micrometres that a pixel of level 0 measures, of slides that nobody says it of.")
        @Range(min = 0.02, max = 20)
        Optional<Double> defaultMpp,
    @Doc(
            "What becomes of a slide's colour profile: ignore leaves pixels as they are, apply"
                + " brings them to sRGB.")
        @OrElse("ignore")
        Icc icc) {
  /// What becomes of colour profiles.
  public enum Icc {
    IGNORE,
    APPLY
  }

  /// With pixels as they are.
  public TilingSettings(
      Pixels size,
      Optional<Double> mpp,
      Optional<Integer> magnificationCompat,
      Optional<Pixels> level0,
      Optional<Pixels> overlap,
      Filter resize,
      boolean objectivePower,
      Optional<Double> defaultMpp) {
    this(
        size,
        mpp,
        magnificationCompat,
        level0,
        overlap,
        resize,
        objectivePower,
        defaultMpp,
        Icc.IGNORE);
  }

  /// As results are pinned: what came later is told where it changes them.
  @Override
  public String toString() {
    String told =
        "TilingSettings[size=%s, mpp=%s, magnificationCompat=%s, level0=%s, overlap=%s, resize=%s, objectivePower=%s, defaultMpp=%s"
            .formatted(
                size,
                mpp,
                magnificationCompat,
                level0,
                overlap,
                resize,
                objectivePower,
                defaultMpp);
    return icc == Icc.IGNORE ? told + "]" : "%s, icc=%s]".formatted(told, icc);
  }

  /// @throws IllegalArgumentException when the size is given in no way or in several, or the
  ///   overlap would never let the grid go on
  public TilingSettings {
    long ways = Stream.of(mpp, magnificationCompat, level0).filter(Optional::isPresent).count();
    if (ways != 1) {
      throw new IllegalArgumentException(
          "give exactly one of mpp, magnification-compat and level0; %d are given".formatted(ways));
    }
    if (mpp.isPresent() && !(mpp.get() >= 0.02 && mpp.get() <= 50)) {
      throw new IllegalArgumentException(
          "mpp: %s is not between 0.02 and 50 micrometres".formatted(mpp.get()));
    }
    if (magnificationCompat.isPresent() && magnificationCompat.get() < 1) {
      throw new IllegalArgumentException(
          "magnification-compat: %d is below 1".formatted(magnificationCompat.get()));
    }
    if (overlap.isPresent() && overlap.get().value() >= size.value()) {
      throw new IllegalArgumentException(
          "overlap: %d px is not less than size of %d px; tiles would not move on"
              .formatted(overlap.get().value(), size.value()));
    }
  }

  /// Square tiles of exactly this size, side by side.
  public static TilingSettings ofMpp(int size, double mpp) {
    return new TilingSettings(
        new Pixels(size),
        Optional.of(mpp),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Filter.BICUBIC,
        false,
        Optional.empty());
  }

  /// How far neighbours reach into each other, in pixels as they are written.
  int overlapPixels() {
    return overlap.map(Pixels::value).orElse(0);
  }

  /// Whether what a pixel measures has to be known.
  public boolean needsPixelSize() {
    return level0.isEmpty();
  }
}
