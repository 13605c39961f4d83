package dev.eosin.data.parquet;

import dev.eosin.data.parquet.VectorTableWriter.VectorColumn;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.Float16Type;
import org.apache.parquet.format.ListType;
import org.apache.parquet.format.LogicalType;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.StringType;
import org.apache.parquet.format.Type;

/// The schema of a table of vectors: the rows' numbers, texts that may be missing, and lists whose
/// elements never are.
final class VectorTableSchema {
  /// The column of the rows' numbers.
  static final Leaf NUMBER = new Leaf(List.of("row"), Type.INT64);

  private VectorTableSchema() {}

  /// A column of values.
  record Leaf(List<String> path, Type type) {}

  static Leaf text(String name) {
    return new Leaf(List.of(name), Type.BYTE_ARRAY);
  }

  static Leaf vector(VectorColumn column) {
    return new Leaf(
        List.of(column.name(), "list", "element"),
        column.half() ? Type.FIXED_LEN_BYTE_ARRAY : Type.FLOAT);
  }

  /// Parents before children.
  static List<SchemaElement> elements(List<String> texts, List<VectorColumn> vectors) {
    List<SchemaElement> elements = new ArrayList<>();
    elements.add(new SchemaElement("schema").setNum_children(1 + texts.size() + vectors.size()));
    elements.add(required(NUMBER.path().getFirst(), Type.INT64));
    for (String text : texts) {
      elements.add(
          new SchemaElement(text)
              .setType(Type.BYTE_ARRAY)
              .setRepetition_type(FieldRepetitionType.OPTIONAL)
              .setConverted_type(ConvertedType.UTF8)
              .setLogicalType(LogicalType.STRING(new StringType())));
    }
    for (VectorColumn vector : vectors) {
      elements.add(
          new SchemaElement(vector.name())
              .setNum_children(1)
              .setRepetition_type(FieldRepetitionType.REQUIRED)
              .setConverted_type(ConvertedType.LIST)
              .setLogicalType(LogicalType.LIST(new ListType())));
      elements.add(
          new SchemaElement("list")
              .setNum_children(1)
              .setRepetition_type(FieldRepetitionType.REPEATED));
      SchemaElement element = required("element", vector(vector).type());
      elements.add(
          vector.half()
              ? element
                  .setType_length(Short.BYTES)
                  .setLogicalType(LogicalType.FLOAT16(new Float16Type()))
              : element);
    }
    return elements;
  }

  private static SchemaElement required(String name, Type type) {
    return new SchemaElement(name).setType(type).setRepetition_type(FieldRepetitionType.REQUIRED);
  }
}
