package dev.eosin.image.transforms;

import java.util.List;

/// Scaling to [0, 1] and normalising per channel, in float32 like torchvision. Training does this
/// on the device; this is the reference.
///
/// @param mean of red, green and blue in [0, 1]
/// @param std of red, green and blue in [0, 1]
public record Normalisation(List<Double> mean, List<Double> std) {
  /// The constants every OpenAI CLIP was trained with.
  public static final Normalisation OPENAI =
      new Normalisation(
          List.of(0.48145466, 0.4578275, 0.40821073), List.of(0.26862954, 0.26130258, 0.27577711));

  public Normalisation {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    if (mean.size() != 3 || std.size() != 3) {
      throw new IllegalArgumentException(
          "mean and std need one number for red, green and blue each, got %s and %s"
              .formatted(mean, std));
    }
    if (std.stream().anyMatch(value -> !(value > 0))) {
      throw new IllegalArgumentException("std: %s has a number that is not above 0".formatted(std));
    }
  }

  /// Scales and normalises one tile.
  ///
  /// @param planes [3, h, w] uint8
  /// @return [3, h, w] float32
  public float[] apply(byte[] planes) {
    int plane = planes.length / 3;
    float[] result = new float[planes.length];
    for (int channel = 0; channel < 3; channel++) {
      float channelMean = mean.get(channel).floatValue();
      float channelStd = std.get(channel).floatValue();
      for (int i = channel * plane; i < (channel + 1) * plane; i++) {
        result[i] = ((planes[i] & 0xFF) / 255f - channelMean) / channelStd;
      }
    }
    return result;
  }
}
