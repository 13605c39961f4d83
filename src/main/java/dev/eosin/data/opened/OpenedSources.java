package dev.eosin.data.opened;

import dev.eosin.config.DataException;
import dev.eosin.data.BadSamples;
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
import java.util.function.ToLongFunction;

/// The two sides of a run's data, opened and split.
///
/// @param notes what a user should know but may accept, one line each
public record OpenedSources(Source train, Optional<Source> validation, List<String> notes) {
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
              training(DataSets.TRAIN, Sources.open(one, decoder, refusals), split, heldOut);
        };
    note(DataSets.TRAIN, train, notes);
    Optional<Source> validation = Optional.empty();
    if (split.isPresent()) {
      notes.add(split.get().summary());
      validation =
          Optional.of(heldOut.size() == 1 ? heldOut.getFirst().source() : JoinedSource.of(heldOut));
    } else if (held.isPresent()) {
      validation = Optional.of(Sources.open(held.get(), decoder, refusals));
      note(DataSets.VALIDATION, validation.get(), notes);
    }
    judge(sides(train, validation, split.isPresent()), settings.badRows(), notes, refusals);
    return new OpenedSources(train, validation, notes);
  }

  private static List<Side> sides(Source train, Optional<Source> validation, boolean split) {
    Optional<Source> rest = split ? validation : Optional.empty();
    List<Side> sides = new ArrayList<>();
    sides.add(new Side(DataSets.TRAIN, train, rest));
    validation.ifPresent(
        source -> sides.add(new Side(DataSets.VALIDATION, source, rest.map(whole -> train))));
    return sides;
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

  private static void note(String name, Source source, List<String> notes) {
    source.notes().forEach(note -> notes.add(name + ": " + note));
  }

  /// Tells what was found to be bad, and refuses what a training or its evaluations would stop at:
  /// each side is judged by itself.
  private static void judge(
      List<Side> sides, BadRowSettings limit, List<String> notes, Refusals refusals)
      throws DataException {
    List<String> refused = new ArrayList<>();
    for (Side side : sides) {
      BadSamples found = side.source.badSamples();
      List<String> told = side.told(found);
      if (limit.exceeded(found.count(), side.source.size(), side.source.size())) {
        refused.addAll(told);
      }
      notes.addAll(told);
    }
    if (!refused.isEmpty()) {
      refusals.refuse(
          "%s; data.bad-rows.limit is %s%s, up to which they are left out and listed"
              .formatted(
                  String.join("; ", refused),
                  limit.limit(),
                  sides.size() > 1 ? " of each side" : ""));
    }
  }

  /// A side of the data.
  ///
  /// @param other what else was listed with it, where it was split
  private record Side(String name, Source source, Optional<Source> other) {
    List<String> told(BadSamples found) {
      List<String> told = new ArrayList<>();
      told(found.missing().count(), "listed images are missing", whole -> whole.missing().count())
          .map(line -> line + Names.of(found.missing().first()))
          .ifPresent(told::add);
      told(found.empty().count(), "samples have an empty caption", whole -> whole.empty().count())
          .map(line -> line + Names.of(found.empty().first()))
          .ifPresent(told::add);
      told(
              found.flawed().count(),
              "samples have no whole question, answer or conversation",
              whole -> whole.flawed().count())
          .map(line -> line + found.flawed().first().getFirst())
          .ifPresent(told::add);
      return told;
    }

    private Optional<String> told(long count, String what, ToLongFunction<BadSamples> kind) {
      String before =
          other
              .map(
                  rest ->
                      " (%d of %d before the split)"
                          .formatted(
                              count + kind.applyAsLong(rest.badSamples()),
                              source.size() + rest.size()))
              .orElse("");
      return count == 0
          ? Optional.empty()
          : Optional.of(
              "%s: %d of %d %s%s, for example "
                  .formatted(name, count, source.size(), what, before));
    }
  }
}
