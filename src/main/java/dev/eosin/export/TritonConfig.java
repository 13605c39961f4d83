package dev.eosin.export;

import dev.eosin.clip.ClipGraph;
import dev.eosin.clip.spec.ClipSpec;

/// What NVIDIA's Triton reads beside a graph, `config.pbtxt`: names, types, and the sizes behind
/// the batch.
final class TritonConfig {
  private static final int MOST_AT_ONCE = 64;

  private TritonConfig() {}

  /// Of the image tower.
  static String image(String name, ClipSpec spec) {
    return """
        name: "%s"
        platform: "onnxruntime_onnx"
        max_batch_size: %d
        input [
          { name: "%s" data_type: TYPE_FP32 dims: [ 3, %d, %d ] }
        ]
        output [
          { name: "%s" data_type: TYPE_FP32 dims: [ %d ] }
        ]
        dynamic_batching { max_queue_delay_microseconds: 1000 }
        """
        .formatted(
            name,
            MOST_AT_ONCE,
            ClipGraph.PIXELS,
            spec.image().height(),
            spec.image().width(),
            ClipGraph.IMAGE,
            spec.embedSize());
  }

  /// Of the text tower. Rows of one batch have one length: requests are padded to the context, or
  /// each has its own.
  static String text(String name, ClipSpec spec) {
    return """
        name: "%s"
        platform: "onnxruntime_onnx"
        max_batch_size: %d
        input [
          { name: "%s" data_type: TYPE_INT64 dims: [ -1 ] },
          { name: "%s" data_type: TYPE_INT64 dims: [ -1 ] }
        ]
        output [
          { name: "%s" data_type: TYPE_FP32 dims: [ %d ] }
        ]
        dynamic_batching { max_queue_delay_microseconds: 1000 }
        """
        .formatted(
            name, MOST_AT_ONCE, ClipGraph.IDS, ClipGraph.MASK, ClipGraph.TEXT, spec.embedSize());
  }
}
