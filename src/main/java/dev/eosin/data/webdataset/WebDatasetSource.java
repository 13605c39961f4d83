package dev.eosin.data.webdataset;

import dev.eosin.config.DataException;
import dev.eosin.data.Caption;
import dev.eosin.data.EncodedImage;
import dev.eosin.data.Fingerprint;
import dev.eosin.data.Reading;
import dev.eosin.data.Sample;
import dev.eosin.data.SamplePlace;
import dev.eosin.data.Source;
import dev.eosin.data.settings.ClassTemplates;
import dev.eosin.data.settings.ShardPaths;
import dev.eosin.data.settings.WebDatasetSettings;
import dev.eosin.data.shard.Member;
import dev.eosin.data.shard.MemberPlace;
import dev.eosin.data.shard.Part;
import dev.eosin.data.webdataset.ShardSet.Shard;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.text.CaptionText;
import dev.eosin.text.Utf8Text;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The samples of tar shards, any of which is read at any time: their order is as random, and a run
/// resumes as exactly, as with single files. Memory holds eight bytes for each part of a sample.
public final class WebDatasetSource implements Source {
  private static final int CHECKED_FIRST = 64;

  private final WebDatasetSettings settings;
  private final ImageDecoder decoder;
  private final List<Shard> shards;
  private final boolean captioned;
  private final long[] ends;
  private final long[] places;
  private final Reading reading;
  private final List<String> notes;
  private final Map<String, String> classTexts;
  private final String fingerprint;

  private WebDatasetSource(
      WebDatasetSettings settings,
      ImageDecoder decoder,
      List<Shard> shards,
      boolean captioned,
      Reading reading,
      List<String> notes) {
    this.settings = settings;
    this.decoder = decoder;
    this.shards = shards;
    this.captioned = captioned;
    this.ends = new long[shards.size()];
    long end = 0;
    for (int shard = 0; shard < ends.length; shard++) {
      end += shards.get(shard).index().size();
      ends[shard] = end;
    }
    this.places =
        shards.stream()
            .mapToLong(shard -> SamplePlace.of(SamplePlace.real(Path.of(shard.bytes().name()))))
            .toArray();
    this.reading = reading;
    this.notes = notes;
    this.fingerprint = fingerprint(settings, shards);
    this.classTexts = classTexts(settings, shards);
  }

  /// Indexes the shards that have no index yet.
  ///
  /// @throws DataException naming the shards that are broken or missing, or when no sample is whole
  public static WebDatasetSource open(WebDatasetSettings settings, ImageDecoder decoder)
      throws DataException {
    return of(settings, decoder, ShardFiles.open(settings), ShardPaths.otherFiles(settings.path()));
  }

  /// As above, of the images alone: a sample needs nothing else.
  public static WebDatasetSource images(WebDatasetSettings settings, ImageDecoder decoder)
      throws DataException {
    ShardSet all = ShardFiles.open(settings);
    var parts = WebDatasetParts.ofImages(settings);
    return of(settings, decoder, all, ShardPaths.otherFiles(settings.path()), parts);
  }

  static WebDatasetSource of(WebDatasetSettings settings, ImageDecoder decoder, ShardSet all)
      throws DataException {
    return of(settings, decoder, all, List.of());
  }

  /// @param otherFiles in the folders of the shards that are none, one line for each kind
  private static WebDatasetSource of(
      WebDatasetSettings settings, ImageDecoder decoder, ShardSet all, List<String> otherFiles)
      throws DataException {
    return of(settings, decoder, all, otherFiles, WebDatasetParts.of(settings, all));
  }

  private static WebDatasetSource of(
      WebDatasetSettings settings,
      ImageDecoder decoder,
      ShardSet all,
      List<String> otherFiles,
      WebDatasetParts parts)
      throws DataException {
    List<Shard> whole = parts.whole(all);
    List<String> passedOver = new ArrayList<>(otherFiles);
    all.passedOver().forEach(each -> passedOver.add(each.line("member")));
    passedOver.addAll(parts.missing(all, whole));
    List<String> notes = new ArrayList<>(all.notes());
    passedOver.forEach(
        line -> notes.add(line.endsWith("left out") ? line : line + "; passed over"));
    Reading reading =
        new Reading(
                "%d shards with %d samples".formatted(all.shards().size(), all.size()), passedOver)
            .with(parts.unused(all));
    boolean captioned = !parts.kept().contains(Part.TEXT) || parts.needed().contains(Part.TEXT);
    var source = new WebDatasetSource(settings, decoder, whole, captioned, reading, notes);
    source.checkFirst();
    return source;
  }

  @Override
  public long size() {
    return ends[ends.length - 1];
  }

  @Override
  public Sample get(long index) {
    Objects.checkIndex(index, size());
    int found = Arrays.binarySearch(ends, index + 1);
    int number = found < 0 ? -found - 1 : found;
    Shard shard = shards.get(number);
    int inShard = (int) (index - (number == 0 ? 0 : ends[number - 1]));
    try {
      return sample(shard, inShard);
    } catch (IOException e) {
      // A row that cannot be read is one bad row, whichever of its parts is at fault.
      return bad("%s/sample %d".formatted(shard.fileName(), inShard), e);
    }
  }

  private static Sample bad(String key, IOException reason) {
    return new Sample(
        key,
        () -> {
          throw reason;
        },
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  /// The members of a sample that are read before its image.
  private record Texts(Optional<Member> text, Optional<Member> json, Optional<Member> cls) {
    static Texts read(Shard shard, int index) throws IOException {
      return new Texts(
          member(shard, index, Part.TEXT),
          member(shard, index, Part.JSON),
          member(shard, index, Part.LABEL));
    }

    String key(Shard shard, int index) {
      return shard
          .index()
          .longName(index)
          .or(() -> text.or(() -> json).or(() -> cls).map(read -> Member.key(read.name())))
          .orElse("sample " + index);
    }
  }

  @Override
  public long place(long index) {
    Objects.checkIndex(index, size());
    int found = Arrays.binarySearch(ends, index + 1);
    int number = found < 0 ? -found - 1 : found;
    int inShard = (int) (index - (number == 0 ? 0 : ends[number - 1]));
    MemberPlace image = shards.get(number).index().place(inShard, Part.IMAGE).orElseThrow();
    return SamplePlace.of(places[number], image.header());
  }

  private Sample sample(Shard shard, int index) throws IOException {
    Texts texts = Texts.read(shard, index);
    String key = texts.key(shard, index);
    try {
      return sample(shard, index, texts);
    } catch (DataException e) {
      return bad(shard.fileName() + "/" + key, e);
    }
  }

  private Sample sample(Shard shard, int index, Texts texts) throws DataException {
    String key = texts.key(shard, index);
    WebDatasetRecord record = record(shard, key, texts.json());
    Optional<String> label =
        texts.cls().isPresent() ? Optional.of(text(shard, texts.cls().get())) : record.label();
    return new Sample(
        shard.fileName() + "/" + key,
        image(shard, index, key),
        captions(shard, texts.text(), record, label),
        label,
        record.group());
  }

  private static Optional<Member> member(Shard shard, int index, Part part) throws IOException {
    Optional<MemberPlace> place = shard.index().place(index, part);
    return place.isPresent()
        ? Optional.of(Member.read(shard.bytes(), place.get()))
        : Optional.empty();
  }

  private EncodedImage image(Shard shard, int index, String key) {
    MemberPlace place = shard.index().place(index, Part.IMAGE).orElseThrow();
    return new EncodedImage(
        "%s: %s (image at byte %d)".formatted(shard.bytes().name(), key, place.header()),
        () -> Member.read(shard.bytes(), place).body(),
        decoder);
  }

  private WebDatasetRecord record(Shard shard, String key, Optional<Member> json)
      throws DataException {
    if (json.isEmpty()) {
      return WebDatasetRecord.NONE;
    }
    try {
      return WebDatasetRecord.parse(json.get().body(), settings.json());
    } catch (DataException e) {
      throw new DataException("%s: %s: %s".formatted(shard.bytes().name(), key, e.getMessage()), e);
    }
  }

  private List<Caption> captions(
      Shard shard, Optional<Member> text, WebDatasetRecord record, Optional<String> label)
      throws DataException {
    if (!captioned) {
      return List.of();
    }
    if (!settings.templates().isEmpty()) {
      String shown = label.map(name -> classTexts.getOrDefault(name, name)).orElse("");
      return Caption.equal(ClassTemplates.fill(settings.templates(), shown));
    }
    if (text.isEmpty()) {
      return record.captions();
    }
    String caption = text(shard, text.get());
    if (CaptionText.isEmpty(caption)) {
      throw new DataException(
          "%s: %s: the caption is empty".formatted(shard.bytes().name(), text.get().name()));
    }
    return Caption.equal(List.of(caption));
  }

  private static String text(Shard shard, Member member) throws DataException {
    String name = shard.bytes().name() + ": " + member.name();
    return CaptionText.of(Utf8Text.decode(name, member.body())).strip();
  }

  /// A field that the recipe names wrongly is wrong in all samples: say so before a run starts.
  private void checkFirst() throws DataException {
    Shard shard = shards.getFirst();
    Optional<IOException> first = Optional.empty();
    for (int index = 0; index < Math.min(CHECKED_FIRST, shard.index().size()); index++) {
      try {
        sample(shard, index, Texts.read(shard, index));
        return;
      } catch (IOException e) {
        first = first.or(() -> Optional.of(e));
      }
    }
    if (first.isPresent()) {
      throw new DataException(String.valueOf(first.get().getMessage()), first.get());
    }
  }

  private static Map<String, String> classTexts(WebDatasetSettings settings, List<Shard> shards) {
    if (!settings.labelled() || !settings.classNames().isEmpty()) {
      return settings.classNames();
    }
    Set<String> labels = new TreeSet<>();
    for (Shard shard : shards) {
      for (int index = 0; index < shard.index().size(); index++) {
        label(settings, shard, index).ifPresent(labels::add);
      }
    }
    Map<String, String> texts = new LinkedHashMap<>();
    labels.forEach(label -> texts.put(label, label));
    return Collections.unmodifiableMap(texts);
  }

  private static Optional<String> label(WebDatasetSettings settings, Shard shard, int index) {
    try {
      Optional<Member> cls = member(shard, index, Part.LABEL);
      Optional<Member> json = member(shard, index, Part.JSON);
      return cls.isPresent()
          ? Optional.of(text(shard, cls.get()))
          : json.isEmpty()
              ? Optional.empty()
              : WebDatasetRecord.parse(json.get().body(), settings.json()).label();
    } catch (IOException unreadable) {
      // A bad row when its turn comes.
      return Optional.empty();
    }
  }

  private static String fingerprint(WebDatasetSettings settings, List<Shard> shards) {
    Fingerprint fingerprint =
        new Fingerprint()
            .add("webdataset")
            .add(settings.json().toString())
            .add(Boolean.toString(settings.cls()));
    for (Shard shard : shards) {
      fingerprint
          .add(shard.fileName())
          .add(Long.toString(shard.bytes().size()))
          .add(Long.toString(shard.index().checksum()));
    }
    return fingerprint.hex();
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
    return reading;
  }

  @Override
  public List<String> notes() {
    return notes;
  }
}
