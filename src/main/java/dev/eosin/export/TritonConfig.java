package dev.eosin.export;

import dev.eosin.clip.ClipGraph;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.onnx.ElementType;
import dev.eosin.onnx.OnnxModel;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/// What NVIDIA's Triton reads beside a graph, `config.pbtxt`: names, types, and the sizes behind
/// the batch.
final class TritonConfig {
  private static final int MOST_AT_ONCE = 64;

  private TritonConfig() {}

  /// Of any graph. Its first axis is free as others are: Triton makes no batches of several
  /// requests, which keys and values of tokens before would not allow.
  static String of(String name, OnnxModel graph) {
    StringJoiner config = new StringJoiner("\n", "", "\n");
    config.add("name: \"%s\"".formatted(name));
    config.add("platform: \"onnxruntime_onnx\"").add("max_batch_size: 0");
    ports(config, "input", graph.takes());
    ports(config, "output", graph.gives());
    return config.toString();
  }

  private static void ports(StringJoiner config, String what, List<OnnxModel.Port> ports) {
    config.add(what + " [");
    config.add(
        ports.stream()
            .map(
                port ->
                    "  { name: \"%s\" data_type: %s dims: %s }"
                        .formatted(port.name(), word(port.type()), port.dimensions()))
            .collect(Collectors.joining(",\n")));
    config.add("]");
  }

  private static String word(ElementType type) {
    return switch (type) {
      case FLOAT -> "TYPE_FP32";
      case FLOAT16 -> "TYPE_FP16";
      case INT64 -> "TYPE_INT64";
      case INT32 -> "TYPE_INT32";
      case UINT8 -> "TYPE_UINT8";
      case BOOL -> "TYPE_BOOL";
    };
  }

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
