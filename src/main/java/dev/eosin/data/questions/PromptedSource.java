package dev.eosin.data.questions;

import dev.eosin.data.BadSamples;
import dev.eosin.data.Fingerprint;
import dev.eosin.data.Reading;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import java.util.List;
import java.util.Map;

/// A source of captions as conversations.
final class PromptedSource implements Source {
  private final Source captioned;
  private final CaptionPrompts prompts;

  PromptedSource(Source captioned, CaptionPrompts prompts) {
    this.captioned = captioned;
    this.prompts = prompts;
  }

  @Override
  public long size() {
    return captioned.size();
  }

  /// A sample without a caption stays as it is: it is a bad row.
  @Override
  public Sample get(long index) {
    Sample sample = captioned.get(index);
    if (sample.captions().isEmpty()) {
      return sample;
    }
    return new Sample(
        sample.key(),
        sample.images(),
        prompts.of(sample.texts().getFirst(), index),
        sample.label(),
        sample.group());
  }

  @Override
  public long place(long index) {
    return captioned.place(index);
  }

  @Override
  public boolean drawn() {
    return captioned.drawn();
  }

  @Override
  public String fingerprint() {
    return new Fingerprint()
        .add("prompted")
        .add(prompts.identity())
        .add(captioned.fingerprint())
        .hex();
  }

  @Override
  public Map<String, String> classTexts() {
    return captioned.classTexts();
  }

  @Override
  public BadSamples badSamples() {
    return captioned.badSamples();
  }

  @Override
  public BadSamples badAmong(int[] indices) {
    return captioned.badAmong(indices);
  }

  @Override
  public Reading reading() {
    return captioned.reading();
  }

  @Override
  public List<String> notes() {
    return captioned.notes();
  }
}
