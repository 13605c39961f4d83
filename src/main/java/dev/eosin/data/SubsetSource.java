package dev.eosin.data;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Some samples of a source, in an order of their own. Memory holds four bytes for each.
public final class SubsetSource implements Source {
  private final Source whole;
  private final int[] indices;
  private final String choice;

  /// @param indices in `whole`, at least one
  /// @param choice says how they were chosen, for the fingerprint
  public SubsetSource(Source whole, int[] indices, String choice) {
    this.whole = whole;
    this.indices = indices.clone();
    this.choice = choice;
  }

  @Override
  public long size() {
    return indices.length;
  }

  @Override
  public Sample get(long index) {
    return whole.get(indices[Math.toIntExact(index)]);
  }

  @Override
  public long place(long index) {
    return whole.place(indices[Math.toIntExact(index)]);
  }

  @Override
  public boolean drawn() {
    return whole.drawn();
  }

  @Override
  public String fingerprint() {
    return new Fingerprint().add("subset").add(choice).add(whole.fingerprint()).hex();
  }

  @Override
  public Map<String, String> classTexts() {
    return whole.classTexts();
  }

  @Override
  public BadSamples badSamples() {
    return whole.badAmong(indices);
  }

  @Override
  public BadSamples badAmong(int[] some) {
    return whole.badAmong(Arrays.stream(some).map(index -> indices[index]).toArray());
  }

  @Override
  public Reading reading() {
    return whole.reading();
  }

  @Override
  public List<String> notes() {
    return whole.notes();
  }
}
