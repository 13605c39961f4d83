package dev.eosin.export;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import java.util.ArrayList;
import java.util.List;

/// Reads `config.pbtxt` as Triton does, by protobuf's own parser of its text format: an unknown
/// field, a wrong type or a missing quote is an error. The schema is the part of Triton's
/// `model_config.proto` (triton-inference-server/common) that graphs of ONNX Runtime need.
final class TritonText {
  private static final List<String> TYPES =
      List.of(
          "INVALID", "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32",
          "INT64", "FP16", "FP32", "FP64", "STRING", "BF16");

  private TritonText() {}

  /// What goes in or out.
  record Port(String name, String type, List<Long> dimensions) {}

  /// A model's configuration.
  record Config(
      String name, String platform, int mostAtOnce, List<Port> inputs, List<Port> outputs) {}

  static Config read(String text) {
    try {
      Descriptor schema = schema();
      DynamicMessage.Builder read = DynamicMessage.newBuilder(schema);
      TextFormat.getParser().merge(text, read);
      Message config = read.build();
      return new Config(
          (String) field(config, "name"),
          (String) field(config, "platform"),
          (Integer) field(config, "max_batch_size"),
          ports(config, "input"),
          ports(config, "output"));
    } catch (TextFormat.ParseException | DescriptorValidationException e) {
      throw new AssertionError("no configuration of Triton: " + e.getMessage() + "\n" + text, e);
    }
  }

  private static Object field(Message of, String name) {
    return of.getField(of.getDescriptorForType().findFieldByName(name));
  }

  private static List<Port> ports(Message config, String name) {
    List<Port> ports = new ArrayList<>();
    for (Object each : (List<?>) field(config, name)) {
      Message port = (Message) each;
      List<Long> dimensions = new ArrayList<>();
      ((List<?>) field(port, "dims")).forEach(size -> dimensions.add((Long) size));
      String type = ((EnumValueDescriptor) field(port, "data_type")).getName();
      ports.add(new Port((String) field(port, "name"), type, dimensions));
    }
    return ports;
  }

  private static Descriptor schema() throws DescriptorValidationException {
    EnumDescriptorProto.Builder types = EnumDescriptorProto.newBuilder().setName("DataType");
    for (int i = 0; i < TYPES.size(); i++) {
      types.addValue(
          EnumValueDescriptorProto.newBuilder().setName("TYPE_" + TYPES.get(i)).setNumber(i));
    }
    FileDescriptorProto file =
        FileDescriptorProto.newBuilder()
            .setName("model_config.proto")
            .setPackage("inference")
            .setSyntax("proto3")
            .addEnumType(types)
            .addMessageType(
                message(
                    "ModelInput",
                    field("name", 1, Type.TYPE_STRING),
                    field("data_type", 2, Type.TYPE_ENUM).setTypeName(".inference.DataType"),
                    field("dims", 4, Type.TYPE_INT64).setLabel(Label.LABEL_REPEATED)))
            .addMessageType(
                message(
                    "ModelOutput",
                    field("name", 1, Type.TYPE_STRING),
                    field("data_type", 2, Type.TYPE_ENUM).setTypeName(".inference.DataType"),
                    field("dims", 3, Type.TYPE_INT64).setLabel(Label.LABEL_REPEATED)))
            .addMessageType(
                message(
                    "ModelDynamicBatching",
                    field("preferred_batch_size", 1, Type.TYPE_INT32)
                        .setLabel(Label.LABEL_REPEATED),
                    field("max_queue_delay_microseconds", 2, Type.TYPE_UINT64)))
            .addMessageType(
                message(
                    "ModelConfig",
                    field("name", 1, Type.TYPE_STRING),
                    field("platform", 2, Type.TYPE_STRING),
                    field("max_batch_size", 4, Type.TYPE_INT32),
                    of("input", 5, ".inference.ModelInput").setLabel(Label.LABEL_REPEATED),
                    of("output", 6, ".inference.ModelOutput").setLabel(Label.LABEL_REPEATED),
                    of("dynamic_batching", 11, ".inference.ModelDynamicBatching")))
            .build();
    return FileDescriptor.buildFrom(file, new FileDescriptor[0])
        .findMessageTypeByName("ModelConfig");
  }

  private static DescriptorProto message(String name, FieldDescriptorProto.Builder... fields) {
    DescriptorProto.Builder message = DescriptorProto.newBuilder().setName(name);
    for (FieldDescriptorProto.Builder field : fields) {
      message.addField(field);
    }
    return message.build();
  }

  private static FieldDescriptorProto.Builder field(String name, int number, Type type) {
    return FieldDescriptorProto.newBuilder()
        .setName(name)
        .setNumber(number)
        .setType(type)
        .setLabel(Label.LABEL_OPTIONAL);
  }

  private static FieldDescriptorProto.Builder of(String name, int number, String type) {
    return field(name, number, Type.TYPE_MESSAGE).setTypeName(type);
  }
}
