package dev.eosin.data.slides;

import dev.eosin.config.DataException;
import dev.eosin.image.RgbImage;
import dev.eosin.image.slides.SlideCodecs;
import dev.eosin.slide.Slide;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/// The slides that are open: some stay so for the next tile. Thread safe.
final class SlidePool {
  private static final int OPEN = 32;

  /// Of decoded pixels, for each slide: drawn at random, tiles seldom share pieces.
  private static final long CACHE_BYTES = 4L << 20;

  private final SlideCodecs codecs;
  private final Map<Path, Lent> slides = new LinkedHashMap<>(OPEN, 0.75f, true);

  SlidePool(SlideCodecs codecs) {
    this.codecs = codecs;
  }

  /// Work with an open slide.
  @FunctionalInterface
  interface Reading {
    RgbImage read(Slide slide) throws DataException;
  }

  private static final class Lent {
    private final Slide slide;
    private int users;

    Lent(Slide slide) {
      this.slide = slide;
    }
  }

  RgbImage read(Path file, Reading reading) throws DataException {
    Lent lent = take(file);
    try {
      return reading.read(lent.slide);
    } finally {
      give(lent);
    }
  }

  private synchronized Lent take(Path file) throws DataException {
    Lent lent = slides.get(file);
    // A thread that was interrupted while it read has closed the file for all.
    if (lent == null || !lent.slide.isOpen()) {
      lent = new Lent(Slide.open(file, codecs, CACHE_BYTES));
      slides.put(file, lent);
    }
    lent.users++;
    return lent;
  }

  private synchronized void give(Lent lent) throws DataException {
    lent.users--;
    Iterator<Lent> oldest = slides.values().iterator();
    while (slides.size() > OPEN && oldest.hasNext()) {
      Lent next = oldest.next();
      if (next.users == 0) {
        oldest.remove();
        next.slide.close();
      }
    }
  }
}
