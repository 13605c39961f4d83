package dev.eosin.data.slides;

import dev.eosin.config.DataException;
import dev.eosin.data.Caption;
import dev.eosin.data.Fingerprint;
import dev.eosin.data.Reading;
import dev.eosin.data.Sample;
import dev.eosin.data.SamplePlace;
import dev.eosin.data.Source;
import dev.eosin.data.settings.ClassTemplates;
import dev.eosin.data.settings.SlidesSettings;
import dev.eosin.image.slides.SlideCodecs;
import dev.eosin.slide.Slide;
import dev.eosin.slide.TilePlan;
import dev.eosin.slide.TileSelection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The tiles of whole slides that have tissue, slide by slide.
public final class SlidesSource implements Source {
  /// @param corners x and y of each tile
  @SuppressWarnings("ArrayRecordComponent") // read-only: identity equality is meant
  private record Part(ListedSlide slide, TilePlan plan, int[] corners) {
    TilePlan.Place place(int tile) {
      return new TilePlan.Place(corners[2 * tile], corners[2 * tile + 1]);
    }
  }

  private final SlidesSettings settings;
  private final List<Part> parts;
  private final long[] ends;
  private final List<String> notes;
  private final Map<String, String> classTexts;
  private final SlidePool pool;
  private final String fingerprint;

  private SlidesSource(
      SlidesSettings settings, List<Part> parts, List<String> notes, SlidePool pool) {
    this.settings = settings;
    this.parts = parts;
    this.notes = List.copyOf(notes);
    this.pool = pool;
    this.ends = new long[parts.size()];
    long end = 0;
    Fingerprint digest = new Fingerprint().add("slides").add(settings.cut().toString());
    for (int i = 0; i < ends.length; i++) {
      Part part = parts.get(i);
      end += part.corners.length / 2;
      ends[i] = end;
      // Paths differ between machines; what a tile shows and is called does not.
      digest.add(part.slide.path()).add(part.plan.toString()).add(Arrays.toString(part.corners));
      digest.add(part.slide.group()).add(part.slide.label().toString());
      digest.add(part.slide.caption().toString());
    }
    this.fingerprint = digest.hex();
    this.classTexts = classTexts(settings, parts);
  }

  /// Looks for the tissue of every slide.
  ///
  /// @throws DataException when no slide has a tile, or the list is faulty
  public static SlidesSource open(SlidesSettings settings) throws DataException {
    SlideCodecs codecs = SlideCodecs.find();
    List<Part> parts = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    List<ListedSlide> slides = SlideList.of(settings.slides());
    settings.tissue().requireFilesFor(slides.stream().map(ListedSlide::name).toList());
    for (ListedSlide listed : slides) {
      try (Slide slide = Slide.open(listed.file(), codecs)) {
        TileSelection selection =
            TileSelection.of(
                slide, listed.name(), listed.pixel(), settings.cut(), settings.tissue());
        noteUnreadable(listed, selection, notes);
        List<TilePlan.Place> places =
            selection.places().stream()
                .filter(place -> selection.fold(place, settings.tissue()).isEmpty())
                .toList();
        if (places.size() < selection.places().size()) {
          notes.add(
              "%s: %d of %d tiles are folded; passed over"
                  .formatted(
                      listed.file(),
                      selection.places().size() - places.size(),
                      selection.places().size()));
        }
        if (places.isEmpty()) {
          notes.add(
              "%s: none of its %d tiles has enough tissue; passed over"
                  .formatted(listed.file(), selection.grid()));
        } else {
          parts.add(new Part(listed, selection.plan(), corners(places)));
        }
      } catch (DataException e) {
        notes.add(e.getMessage() + "; passed over");
      }
    }
    if (parts.isEmpty()) {
      throw new DataException(
          "%s: no slide has a tile; the first: %s"
              .formatted(settings.slides().path(), notes.getFirst()));
    }
    return new SlidesSource(settings, List.copyOf(parts), notes, new SlidePool(codecs));
  }

  private static void noteUnreadable(
      ListedSlide listed, TileSelection selection, List<String> notes) {
    Collection<String> unreadable = selection.overview().unreadable().values();
    if (!unreadable.isEmpty()) {
      notes.add(
          "%s: %d rows of its overview cannot be read; their tiles are taken for tissue: %s"
              .formatted(listed.file(), unreadable.size(), unreadable.iterator().next()));
    }
  }

  private static int[] corners(List<TilePlan.Place> places) {
    int[] corners = new int[2 * places.size()];
    for (int i = 0; i < places.size(); i++) {
      corners[2 * i] = places.get(i).x();
      corners[2 * i + 1] = places.get(i).y();
    }
    return corners;
  }

  private static Map<String, String> classTexts(SlidesSettings settings, List<Part> parts) {
    if (!settings.classNames().isEmpty()) {
      return settings.classNames();
    }
    Map<String, String> texts = new LinkedHashMap<>();
    parts.stream()
        .flatMap(part -> part.slide.label().stream())
        .sorted()
        .forEach(label -> texts.put(label, label));
    return Collections.unmodifiableMap(texts);
  }

  @Override
  public long size() {
    return ends[ends.length - 1];
  }

  private int part(long index) {
    int found = Arrays.binarySearch(ends, index + 1);
    return found < 0 ? -found - 1 : found;
  }

  @Override
  public Sample get(long index) {
    int number = part(index);
    Part part = parts.get(number);
    TilePlan.Place place = part.place((int) (index - (number == 0 ? 0 : ends[number - 1])));
    ListedSlide slide = part.slide;
    return new Sample(
        "%s_%d_%d".formatted(slide.name(), place.x(), place.y()),
        () -> pool.read(slide.file(), open -> part.plan.read(open, place)),
        captions(slide),
        slide.label(),
        Optional.of(slide.group()));
  }

  private List<Caption> captions(ListedSlide slide) {
    if (slide.caption().isPresent()) {
      return Caption.equal(List.of(slide.caption().get()));
    }
    String label = slide.label().orElse("");
    return Caption.equal(
        ClassTemplates.fill(settings.templates(), classTexts.getOrDefault(label, label)));
  }

  @Override
  public long place(long index) {
    Part part = parts.get(part(index));
    return SamplePlace.of(SamplePlace.of(SamplePlace.real(part.slide.file())), index);
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }

  @Override
  public Map<String, String> classTexts() {
    return classTexts;
  }

  @Override
  public Reading reading() {
    return new Reading("%d tiles of %d slides".formatted(size(), parts.size()));
  }

  @Override
  public List<String> notes() {
    return notes;
  }
}
