package dev.eosin.data.order;

import dev.eosin.data.Sample;
import java.io.IOException;
import java.util.Optional;

/// A preparation that can tell how long a sample's row becomes before an image is read.
public interface MeasuredPreparation extends Preparation {
  /// How long a row is before anything of it is cut.
  ///
  /// @param ids of the row, those in the places of images included
  /// @param pictured whether it has an image
  /// @param flaw why nothing can be learned of it at the length that is allowed: nothing that is
  ///   asked for is left, or an image would be cut
  record Size(int ids, boolean pictured, Optional<String> flaw) {}

  /// Most ids that a row may have.
  int longest();

  /// A sample's row, had it all the room that it needs.
  ///
  /// @throws IOException naming the sample and the reason, when it cannot be a row
  Size size(Sample sample) throws IOException;
}
