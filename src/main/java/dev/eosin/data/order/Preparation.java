package dev.eosin.data.order;

import dev.eosin.data.Sample;
import dev.eosin.image.RgbImage;
import dev.eosin.text.EncodedCaption.Fit;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/// What happens to a sample on its way into a batch; each family says it for its own inputs. A pure
/// function of its arguments, called by several threads.
public interface Preparation {
  /// What a row becomes.
  ///
  /// @param images of the size of [#shape], at most as many
  /// @param tokens one sequence for each name of [#shape]
  /// @param text what of the sample a person should see
  /// @param fit how it came to fit its row
  record Prepared(List<RgbImage> images, Map<String, TokenRow> tokens, String text, Fit fit) {
    public Prepared {
      images = List.copyOf(images);
      tokens = Map.copyOf(tokens);
    }
  }

  /// The room that every row needs.
  RowShape shape();

  /// For a step of training.
  ///
  /// @param order whose key draws what is drawn at the position
  /// @throws IOException naming the sample and the reason, when it cannot be a row
  Prepared training(Sample sample, SampleOrder order, long position) throws IOException;

  /// Without anything drawn.
  ///
  /// @throws IOException naming the sample and the reason, when it cannot be a row
  Prepared evaluation(Sample sample, long position) throws IOException;
}
