package dev.eosin.data.webdataset;

import dev.eosin.config.DataException;
import dev.eosin.data.settings.WebDatasetSettings;
import dev.eosin.data.shard.Member;
import dev.eosin.data.shard.MemberPlace;
import dev.eosin.data.shard.Part;
import dev.eosin.data.webdataset.ShardSet.Shard;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The parts that every sample must have under a recipe; samples without one are left out.
///
/// @param kept the parts that are read where a sample has them, the needed ones among them
record WebDatasetParts(Set<Part> needed, Set<Part> kept) {
  /// Captions are needed where the recipe makes none, unless the shards hold labels alone.
  static WebDatasetParts of(WebDatasetSettings settings, ShardSet shards) {
    Set<Part> needed = EnumSet.of(Part.IMAGE);
    if (settings.json().used()) {
      needed.add(Part.JSON);
    }
    if (settings.cls()) {
      needed.add(Part.LABEL);
    }
    boolean elsewhere = !settings.templates().isEmpty() || !settings.json().captions().isEmpty();
    if (!elsewhere && (!settings.labelled() || shards.with(Part.TEXT) > 0)) {
      needed.add(Part.TEXT);
    }
    return new WebDatasetParts(needed, needed);
  }

  /// Images are enough, whatever is said of them; labels are read where there are some.
  static WebDatasetParts ofImages(WebDatasetSettings settings) {
    // A caption's name is its sample's.
    Set<Part> kept = EnumSet.of(Part.IMAGE, Part.LABEL, Part.TEXT);
    if (settings.json().used()) {
      kept.add(Part.JSON);
    }
    return new WebDatasetParts(EnumSet.of(Part.IMAGE), kept);
  }

  /// Each shard with its whole samples; shards without any are left out.
  List<Shard> whole(ShardSet all) {
    return all.shards().stream()
        .map(shard -> shard.with(shard.index().select(kept, needed)))
        .filter(shard -> shard.index().size() > 0)
        .toList();
  }

  /// How many samples lack which part, one line for each.
  ///
  /// @throws DataException when none is whole
  List<String> missing(ShardSet all, List<Shard> whole) throws DataException {
    List<String> lines = new ArrayList<>();
    for (Part part : needed) {
      long lacking = all.size() - all.with(part);
      if (lacking > 0) {
        lines.add(
            "%d of %d samples have no %s%s"
                .formatted(lacking, all.size(), describe(part), example(all, part)));
      }
    }
    if (whole.isEmpty()) {
      throw new DataException(
          "%s: no sample is whole: %s"
              .formatted(
                  all.shards().getFirst().bytes().name(),
                  lines.isEmpty() ? nothing(all) : String.join("; ", lines)));
    }
    return lines.stream().map(line -> line + "; they are left out").toList();
  }

  private static String nothing(ShardSet all) {
    List<String> members = all.passedOver().stream().map(each -> each.line("member")).toList();
    return "the shards hold no samples"
        + (members.isEmpty() ? "" : ", but " + String.join("; ", members));
  }

  /// Members of samples that the recipe has no use for, one line for each part.
  List<String> unused(ShardSet all) {
    List<String> lines = new ArrayList<>();
    for (Part part : Part.values()) {
      long members = all.with(part);
      if (!kept.contains(part) && members > 0) {
        lines.add("%d members are not read: %s".formatted(members, describe(part)));
      }
    }
    return lines;
  }

  private static String describe(Part part) {
    return switch (part) {
      case IMAGE -> "image (.jpg, .png, .jpeg, .webp, .tif, .tiff, .bmp, .gif, .jp2)";
      case TEXT -> "caption (.txt)";
      case JSON -> ".json";
      case LABEL -> "label (.cls)";
    };
  }

  private static String example(ShardSet all, Part part) {
    for (Shard shard : all.shards()) {
      for (int index = 0; index < shard.index().size(); index++) {
        if (shard.index().place(index, part).isEmpty()) {
          return ", for example " + name(shard, index);
        }
      }
    }
    return "";
  }

  private static String name(Shard shard, int index) {
    Optional<MemberPlace> place =
        Arrays.stream(Part.values())
            .flatMap(part -> shard.index().place(index, part).stream())
            .findFirst();
    String prefix = shard.bytes().name() + ": ";
    if (place.isEmpty()) {
      return prefix + "sample " + index;
    }
    try {
      return prefix + Member.read(shard.bytes(), place.get()).name();
    } catch (IOException unreadable) {
      // The header was read a moment ago; its place says enough.
      return prefix + "byte " + place.get().header();
    }
  }
}
