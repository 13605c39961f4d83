package dev.eosin.data.shard;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Groups the members of a shard into samples: neighbours with the same key are one. What is no
/// part of a sample is counted by the reason.
final class SampleScan {
  private static final List<String> IMAGES =
      List.of("jpg", "png", "jpeg", "webp", "tif", "tiff", "bmp", "gif", "jp2");
  private static final int LONGEST_TEXT = 1 << 24;

  private final ShardBytes file;
  private final TarScan members;
  private final ShardIndexBuilder index = new ShardIndexBuilder(EnumSet.allOf(Part.class));
  private final PassedOver.Tally passedOver = new PassedOver.Tally();
  // Neighbours whose names are equal up to the first dot.
  private final List<Found> run = new ArrayList<>();

  private SampleScan(ShardBytes file) {
    this.file = file;
    this.members = new TarScan(file);
  }

  /// What a scan found.
  ///
  /// @param passedOver members that are no part of a sample
  /// @param lastHeader position of the last header block, in bytes
  record Result(ShardIndex index, List<PassedOver> passedOver, long lastHeader) {}

  /// A member that may be a part.
  ///
  /// @param rank among the endings of images, the first one wins; -1 for what is none
  private record Found(TarMember member, SampleName name, Part part, int rank) {
    boolean clashes(Found other) {
      return part == other.part && rank == other.rank;
    }
  }

  /// Reads all headers of a shard.
  ///
  /// @throws DataException naming the shard, the byte and the reason, when it is broken
  static Result run(ShardBytes file) throws IOException {
    SampleScan scan = new SampleScan(file);
    for (var member = scan.members.next(); member.isPresent(); member = scan.members.next()) {
      scan.visit(member.get());
    }
    scan.flush();
    return new Result(scan.index.build(), scan.passedOver.list(), scan.members.lastHeader());
  }

  private void visit(TarMember member) throws DataException {
    Optional<SampleName> name = SampleName.of(member.name());
    int rank = name.isEmpty() ? -1 : IMAGES.indexOf(name.get().ending());
    Optional<Part> part = name.flatMap(found -> part(found.ending(), rank));
    if (SampleName.isHidden(member.name())) {
      passedOver.add("that are hidden or in a hidden folder", member.name());
    } else if (name.isEmpty() || part.isEmpty()) {
      String last = member.name().substring(member.name().lastIndexOf('/') + 1);
      passedOver.add(PassedOver.endingOf(last), member.name());
    } else {
      if (!run.isEmpty() && !run.getFirst().name.stem().equals(name.get().stem())) {
        flush();
      }
      run.add(new Found(member, name.get(), part.get(), rank));
    }
  }

  private static Optional<Part> part(String ending, int rank) {
    return switch (ending) {
      case "txt" -> Optional.of(Part.TEXT);
      case "json" -> Optional.of(Part.JSON);
      case "cls" -> Optional.of(Part.LABEL);
      default -> rank < 0 ? Optional.empty() : Optional.of(Part.IMAGE);
    };
  }

  /// Ends a run. `000.seg.png` alone beside `000.png` and `000.txt` is WebDataset's way to write a
  /// further part of 000; with a caption of its own it is a sample.
  private void flush() throws DataException {
    Map<String, Set<Part>> parts = new HashMap<>();
    for (Found found : run) {
      parts.computeIfAbsent(found.name.key(), _ -> EnumSet.noneOf(Part.class)).add(found.part);
    }
    List<List<Found>> samples = new ArrayList<>();
    Map<String, List<Found>> newest = new HashMap<>();
    List<Found> last = List.of();
    for (Found found : run) {
      String key = found.name.key();
      if (parts.getOrDefault(key, Set.of()).size() == 1 && extendsAnother(found, parts)) {
        passedOver.add("that are further parts of samples", found.member.name());
        continue;
      }
      List<Found> sample = newest.getOrDefault(key, List.of());
      if (sample.isEmpty() || sample != last && sample.stream().anyMatch(found::clashes)) {
        sample = new ArrayList<>();
        samples.add(sample);
        newest.put(key, sample);
      }
      sample.add(found);
      last = sample;
    }
    run.clear();
    for (List<Found> sample : samples) {
      put(sample);
    }
  }

  private static boolean extendsAnother(Found found, Map<String, Set<Part>> parts) {
    String key = found.name.key();
    for (int dot = found.name.stem().length(); dot >= 0 && dot < key.length(); ) {
      if (parts.containsKey(key.substring(0, dot))) {
        return true;
      }
      dot = key.indexOf('.', dot + 1);
    }
    return false;
  }

  private void put(List<Found> sample) throws DataException {
    index.begin();
    EnumSet<Part> parts = EnumSet.noneOf(Part.class);
    int imageRank = 0;
    for (Found found : sample) {
      TarMember member = found.member;
      checkSize(member, found.part);
      boolean first = parts.add(found.part);
      if (!first && (found.part != Part.IMAGE || found.rank == imageRank)) {
        throw broken(member, "'%s' is there twice".formatted(member.name()));
      }
      if (!first) {
        passedOver.add("that are further images of samples", member.name());
      }
      if (member.extended()) {
        index.name(found.name.key());
      }
      if (first || found.rank < imageRank) {
        index.put(found.part, (int) (member.header() / TarBlock.BYTES), (int) member.size());
        imageRank = found.part == Part.IMAGE ? found.rank : imageRank;
      }
    }
  }

  private void checkSize(TarMember member, Part part) throws DataException {
    long most = part == Part.IMAGE ? Integer.MAX_VALUE - TarBlock.BYTES : LONGEST_TEXT;
    if (member.size() > most) {
      throw broken(
          member,
          "'%s' has %,d bytes; at most %,d can be read"
              .formatted(member.name(), member.size(), most));
    }
    if (member.header() / TarBlock.BYTES > Integer.MAX_VALUE) {
      throw broken(member, "the shard is larger than 1 TiB; split it");
    }
  }

  private DataException broken(TarMember member, String reason) {
    return new DataException(
        "%s: broken shard: byte %d: %s".formatted(file.name(), member.header(), reason));
  }
}
