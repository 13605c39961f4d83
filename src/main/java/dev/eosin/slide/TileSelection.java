package dev.eosin.slide;

import dev.eosin.config.DataException;
import dev.eosin.image.RgbImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// The tiles of one slide that have tissue, before their own pixels are looked at.
///
/// @param plan how they are cut
/// @param overview what tissue was looked for on
/// @param tissue what was found, or what contours say
/// @param folds what of it is folded; nothing where folds are kept
/// @param grid how many tiles the whole slide has
/// @param places of those with tissue, row by row
public record TileSelection(
    TilePlan plan,
    Overview overview,
    TissueMask tissue,
    TissueMask folds,
    int grid,
    List<TilePlan.Place> places) {
  /// Where nobody says what a pixel measures.
  private static final double USUAL_DOWNSAMPLE = 16;

  public TileSelection {
    places = List.copyOf(places);
  }

  /// What became of a tile.
  public sealed interface Judged {
    /// @param image of the plan's size
    record Kept(RgbImage image) implements Judged {}

    /// @param flaw why it is dropped
    record Dropped(TileQuality.Flaw flaw) implements Judged {}
  }

  /// Lays a grid over a slide and looks for tissue.
  ///
  /// @param name of the slide, by which its contours are called
  /// @param table what the user says of its pixels
  /// @throws DataException when tiles of this size cannot be cut of it, or its contours are broken
  public static TileSelection of(
      Slide slide,
      String name,
      Optional<PixelSize> table,
      TilingSettings tiling,
      TissueSettings settings)
      throws DataException {
    TilePlan plan = TilePlan.of(slide, table, tiling);
    Optional<Path> coordinates = settings.coordinatesOf(name);
    // Before anything is decoded: a slide of more tiles than there are is refused here.
    List<TilePlan.Place> all =
        coordinates.isPresent() ? given(slide, plan, coordinates.get()) : plan.grid(slide);
    double wanted =
        plan.pixel()
            .map(pixel -> Math.max(1, settings.overviewMpp() / pixel.x()))
            .orElse(USUAL_DOWNSAMPLE);
    Overview overview = Overview.of(slide, wanted);
    TissueMask mask = mask(overview, name, settings);
    TissueMask folds = Folds.of(overview, mask, settings.folds());
    if (coordinates.isPresent()) {
      return new TileSelection(plan, overview, mask, folds, all.size(), all);
    }
    List<TilePlan.Place> kept = new ArrayList<>();
    for (TilePlan.Place place : all) {
      double share = mask.share(place.x(), place.y(), plan.width(), plan.height());
      if (share >= settings.atLeast().value()) {
        kept.add(place);
      }
    }
    return new TileSelection(plan, overview, mask, folds, all.size(), kept);
  }

  private static List<TilePlan.Place> given(Slide slide, TilePlan plan, Path file)
      throws DataException {
    TileCoordinates coordinates = TileCoordinates.read(file);
    if (coordinates.patchSizeLevel0().isEmpty()) {
      throw new DataException(
          "%s: does not say how large its tiles are at level 0; expected the attribute patch_size_level0, or patch_size with patch_level and downsample"
              .formatted(file));
    }
    int side = coordinates.patchSizeLevel0().getAsInt();
    if (Math.abs(side - plan.width()) > 1) {
      throw new DataException(
          "%s: has tiles of %d px of level 0, and %s; cut tiles of the same size"
              .formatted(file, side, plan));
    }
    Set<TilePlan.Place> seen = new HashSet<>();
    for (TilePlan.Place place : coordinates.places()) {
      if (!seen.add(place)) {
        throw new DataException(
            "%s: names the tile at %d, %d twice".formatted(file, place.x(), place.y()));
      }
      if (!plan.fits(slide, place.x(), place.y())) {
        throw new DataException(
            "%s: the tile at %d, %d does not lie inside of %s, which has %d x %d px; are these its coordinates?"
                .formatted(
                    file, place.x(), place.y(), slide.path(), slide.width(), slide.height()));
      }
    }
    return coordinates.places();
  }

  private static TissueMask mask(Overview overview, String name, TissueSettings settings)
      throws DataException {
    Optional<Path> contours = settings.contoursOf(name);
    if (contours.isPresent()) {
      return Contours.read(contours.get())
          .mask(overview.image().width(), overview.image().height(), overview.downsample());
    }
    return TissueMask.of(overview, settings.preset());
  }

  /// Why a tile is dropped before it is cut, for being folded.
  public Optional<TileQuality.Flaw> fold(TilePlan.Place place, TissueSettings settings) {
    double share = folds.share(place.x(), place.y(), plan.width(), plan.height());
    return share > settings.folded().value()
        ? Optional.of(
            new TileQuality.Flaw(
                TileReasons.FOLD, String.format(Locale.ROOT, "folded %.3f", share)))
        : Optional.empty();
  }

  /// Cuts a tile and looks at its pixels. What cannot be read is dropped, never made up.
  public Judged judge(Slide slide, TilePlan.Place place, TissueSettings settings) {
    Optional<TileQuality.Flaw> fold = fold(place, settings);
    if (fold.isPresent()) {
      return new Judged.Dropped(fold.get());
    }
    try {
      RgbImage image = plan.read(slide, place);
      Optional<TileQuality.Flaw> flaw = TileQuality.of(image).flaw(settings);
      return flaw.isPresent() ? new Judged.Dropped(flaw.get()) : new Judged.Kept(image);
    } catch (DataException e) {
      String message = String.valueOf(e.getMessage());
      return new Judged.Dropped(new TileQuality.Flaw(TileReasons.UNREADABLE, message));
    }
  }
}
