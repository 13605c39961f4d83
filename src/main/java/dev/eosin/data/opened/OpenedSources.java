package dev.eosin.data.opened;

import dev.eosin.config.DataException;
import dev.eosin.data.EmptyCaptions;
import dev.eosin.data.FlawedRows;
import dev.eosin.data.MissingFiles;
import dev.eosin.data.Names;
import dev.eosin.data.Refusals;
import dev.eosin.data.Source;
import dev.eosin.data.settings.BadRowSettings;
import dev.eosin.data.settings.MixtureSettings;
import dev.eosin.data.settings.SideSettings;
import dev.eosin.data.settings.SourceSettings;
import dev.eosin.data.settings.Split;
import dev.eosin.data.settings.SplitSettings;
import dev.eosin.image.formats.ImageDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The two sides of a run's data, opened and split.
///
/// @param notes what a user should know but may accept, one line each
public record OpenedSources(Source train, Optional<Source> validation, List<String> notes) {
  private static final String TRAIN = "data.train";
  private static final String VALIDATION = "data.validation";

  public OpenedSources {
    notes = List.copyOf(notes);
  }

  /// Both sides with everything that a training would refuse of them, but what keeps them from
  /// being opened at all.
  ///
  /// @param refusals one line each
  public record Looked(OpenedSources sources, List<String> refusals) {
    public Looked {
      refusals = List.copyOf(refusals);
    }
  }

  /// @param decoder reads the images of sources that hold files
  /// @throws DataException when a source is faulty, a side is empty, or more listed images are
  ///   missing than `bad-rows.limit` allows
  public static OpenedSources open(SideSettings settings, ImageDecoder decoder)
      throws DataException {
    return open(settings, settings.validation(), decoder, Refusals.THROWN);
  }

  /// As [#open], to say what is wrong and not to train. Where nothing can be held out as the
  /// settings say, all samples are looked at as those to train on.
  ///
  /// @throws DataException when a source is faulty
  public static Looked look(SideSettings settings, ImageDecoder decoder) throws DataException {
    List<String> refusals = new ArrayList<>();
    OpenedSources opened;
    try {
      opened = open(settings, settings.validation(), decoder, refusals::add);
    } catch (DataException unsplit) {
      if (settings.validation().filter(SplitSettings.class::isInstance).isEmpty()) {
        throw unsplit;
      }
      refusals.clear();
      opened = open(settings, Optional.empty(), decoder, refusals::add);
      refusals.add(String.valueOf(unsplit.getMessage()));
    }
    if (opened.validation.isPresent()) {
      Source other = opened.validation.get();
      try {
        SampleLeaks.of(opened.train, other).verdict(settings.leaks());
      } catch (DataException leaks) {
        refusals.add(String.valueOf(leaks.getMessage()));
      }
      try {
        GroupLeaks.of(opened.train, other).verdict();
      } catch (DataException leaks) {
        refusals.add(String.valueOf(leaks.getMessage()));
      }
    }
    return new Looked(opened, refusals);
  }

  private static OpenedSources open(
      SideSettings settings, Optional<SourceSettings> held, ImageDecoder decoder, Refusals refusals)
      throws DataException {
    List<String> notes = new ArrayList<>();
    Optional<Split> split =
        held.isPresent() && held.get() instanceof SplitSettings share
            ? Optional.of(new Split(share))
            : Optional.empty();
    List<JoinedSource.Part> heldOut = new ArrayList<>();
    Source train =
        switch (settings.train()) {
          case MixtureSettings mixture -> {
            List<JoinedSource.Part> parts = new ArrayList<>();
            for (MixtureSettings.PartSettings part : mixture.parts()) {
              Source source = Sources.open(part.source(), decoder, refusals);
              parts.add(
                  new JoinedSource.Part(
                      part.name(), training(part.name(), source, split, heldOut)));
            }
            yield JoinedSource.mixture(parts, mixture);
          }
          case SourceSettings one ->
              training(TRAIN, Sources.open(one, decoder, refusals), split, heldOut);
        };
    // What is held out of the listing counts, too: its files are looked for before the split.
    long listed = train.size() + heldOut.stream().mapToLong(part -> part.source().size()).sum();
    note(TRAIN, train, listed, settings.badRows(), notes, refusals);
    Optional<Source> validation = Optional.empty();
    if (split.isPresent()) {
      notes.add(split.get().summary());
      validation =
          Optional.of(heldOut.size() == 1 ? heldOut.getFirst().source() : JoinedSource.of(heldOut));
    } else if (held.isPresent()) {
      validation = Optional.of(Sources.open(held.get(), decoder, refusals));
      note(
          VALIDATION,
          validation.get(),
          validation.get().size(),
          settings.badRows(),
          notes,
          refusals);
    }
    return new OpenedSources(train, validation, notes);
  }

  private static Source training(
      String name, Source source, Optional<Split> split, List<JoinedSource.Part> heldOut)
      throws DataException {
    if (split.isEmpty()) {
      return source;
    }
    Split.Sides sides = split.get().of(name, source);
    sides.validation().ifPresent(side -> heldOut.add(new JoinedSource.Part(name, side)));
    return sides.train();
  }

  private static void note(
      String name,
      Source source,
      long listed,
      BadRowSettings limit,
      List<String> notes,
      Refusals refusals)
      throws DataException {
    source.notes().forEach(note -> notes.add(name + ": " + note));
    MissingFiles missing = source.missingFiles();
    EmptyCaptions empty = source.emptyCaptions();
    List<String> bad = new ArrayList<>();
    if (missing.count() > 0) {
      bad.add(
          "%s: %d of %d listed images are missing, for example %s"
              .formatted(name, missing.count(), listed, Names.of(missing.first())));
    }
    if (empty.count() > 0) {
      bad.add(
          "%s: %d of %d samples have an empty caption, for example %s"
              .formatted(name, empty.count(), listed, Names.of(empty.first())));
    }
    FlawedRows flawed = source.flawedRows();
    if (flawed.count() > 0) {
      bad.add(
          "%s: %d of %d samples have no whole question, answer or conversation, for example %s"
              .formatted(name, flawed.count(), listed, flawed.first().getFirst()));
    }
    if (missing.count() + empty.count() + flawed.count() > limit.limit().value() * listed) {
      refusals.refuse(
          String.join("; ", bad)
              + "; data.bad-rows.limit is "
              + limit.limit()
              + ", up to which they are left out and listed");
    }
    notes.addAll(bad);
  }
}
