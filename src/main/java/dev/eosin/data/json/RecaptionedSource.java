package dev.eosin.data.json;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.config.DataException;
import dev.eosin.data.BadSamples;
import dev.eosin.data.Caption;
import dev.eosin.data.Fingerprint;
import dev.eosin.data.Reading;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent;
import dev.eosin.data.Source;
import dev.eosin.data.settings.RecaptionedSettings;
import dev.eosin.file.AtomicFile;
import dev.eosin.text.CaptionText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The images of another source, each with the caption that a file has for it.
public final class RecaptionedSource implements Source {
  private final Source images;
  private final Map<String, String> captions;
  private final String fingerprint;
  private final List<String> notes;

  private RecaptionedSource(
      Source images, Map<String, String> captions, String fingerprint, List<String> notes) {
    this.images = images;
    this.captions = captions;
    this.fingerprint = fingerprint;
    this.notes = List.copyOf(notes);
  }

  /// @throws DataException when the file cannot be read, names a sample twice, or has no caption of
  ///   any image
  public static Source open(RecaptionedSettings settings, Source images) throws DataException {
    Map<String, String> captions = captions(settings);
    List<Integer> found = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      if (captions.containsKey(images.get(i).key())) {
        found.add(i);
      }
    }
    if (found.isEmpty()) {
      throw new DataException(
          "%s: none of its %d captions is of one of the %d images; the first of them is '%s': name the field that says so as id"
              .formatted(settings.captions(), captions.size(), images.size(), images.get(0).key()));
    }
    List<String> notes = new ArrayList<>(images.notes());
    if (found.size() < images.size() || found.size() < captions.size()) {
      notes.add(
          "%s: %d images have a caption; %d images without one are left out, %d captions are of other images"
              .formatted(
                  settings.captions(),
                  found.size(),
                  images.size() - found.size(),
                  captions.size() - found.size()));
    }
    int[] kept = found.stream().mapToInt(Integer::intValue).toArray();
    Source chosen = kept.length == images.size() ? images : images.only(kept, "with captions");
    return new RecaptionedSource(chosen, captions, fingerprint(settings, chosen), notes);
  }

  private static String fingerprint(RecaptionedSettings settings, Source images)
      throws DataException {
    try {
      return new Fingerprint()
          .add("recaptioned")
          .add(settings.id())
          .add(settings.caption())
          .add(settings.where().toString())
          .add(images.fingerprint())
          .addFile(settings.captions())
          .hex();
    } catch (IOException e) {
      throw new DataException(settings.captions() + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  private static Map<String, String> captions(RecaptionedSettings settings) throws DataException {
    Map<String, String> captions = new HashMap<>();
    JsonFile.RecordConsumer consumer =
        (record, line, start, length) -> {
          if (!wanted(settings, record)) {
            return;
          }
          String id = text(settings, line, record, settings.id());
          String caption = CaptionText.of(text(settings, line, record, settings.caption()));
          if (captions.putIfAbsent(id, caption) != null) {
            throw new DataException(
                "%s: line %d: '%s' has a caption already; choose one by where"
                    .formatted(settings.captions(), line, id));
          }
        };
    JsonLines.scan(settings.captions(), consumer);
    return captions;
  }

  private static boolean wanted(RecaptionedSettings settings, JsonNode record) {
    return settings.where().entrySet().stream()
        .allMatch(each -> record.path(each.getKey()).asText().equals(each.getValue()));
  }

  private static String text(RecaptionedSettings settings, long line, JsonNode record, String field)
      throws DataException {
    JsonNode value = record.path(field);
    if (!value.isTextual() || value.textValue().isBlank()) {
      throw new DataException(
          "%s: line %d: field '%s' is %s, expected a text that is not blank; mend it, or leave the line out by where"
              .formatted(settings.captions(), line, field, value));
    }
    return value.textValue();
  }

  @Override
  public long size() {
    return images.size();
  }

  @Override
  public Sample get(long index) {
    Sample sample = images.get(index);
    String caption = captions.getOrDefault(sample.key(), "");
    return new Sample(
        sample.key(),
        sample.images(),
        new SampleContent.Captions(Caption.equal(List.of(caption))),
        sample.label(),
        sample.group());
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }

  @Override
  public long place(long index) {
    return images.place(index);
  }

  @Override
  public boolean drawn() {
    return images.drawn();
  }

  @Override
  public Map<String, String> classTexts() {
    return images.classTexts();
  }

  @Override
  public BadSamples badSamples() {
    return images.badSamples();
  }

  @Override
  public BadSamples badAmong(int[] indices) {
    return images.badAmong(indices);
  }

  @Override
  public List<String> notes() {
    return notes;
  }

  @Override
  public Reading reading() {
    return images.reading();
  }
}
