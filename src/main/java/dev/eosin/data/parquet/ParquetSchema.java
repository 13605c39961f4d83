package dev.eosin.data.parquet;

import dev.eosin.config.DataException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/// The columns of a Parquet file that hold values: the leaves of its schema.
///
/// @param leaves in the file's order, as each row group has them
record ParquetSchema(List<Leaf> leaves) {
  private static final int DEEPEST = 32;

  /// A column of values.
  ///
  /// @param name with dots between nested names
  /// @param text whether its bytes are declared as text
  record Leaf(String name, ColumnDescriptor column, boolean text) {
    boolean isRepeated() {
      return column.getMaxRepetitionLevel() > 0;
    }

    PrimitiveTypeName type() {
      return column.getPrimitiveType().getPrimitiveTypeName();
    }

    boolean isBytes() {
      return type() == PrimitiveTypeName.BINARY;
    }
  }

  ParquetSchema {
    leaves = List.copyOf(leaves);
  }

  /// @param elements the schema of the file, parents before children
  /// @throws DataException for a schema that is no tree
  static ParquetSchema of(String file, List<SchemaElement> elements) throws DataException {
    Walk walk = new Walk(file, elements);
    walk.children(elements.isEmpty() ? 0 : elements.getFirst().getNum_children(), List.of(), 0, 0);
    if (walk.next != elements.size()) {
      throw walk.broken();
    }
    return new ParquetSchema(walk.leaves);
  }

  /// The index of the column of this name, or of the only column in the group of this name.
  Optional<Integer> find(String name) {
    List<Integer> inside = new ArrayList<>();
    for (int i = 0; i < leaves.size(); i++) {
      if (leaves.get(i).name().equals(name)) {
        return Optional.of(i);
      }
      if (leaves.get(i).name().startsWith(name + ".")) {
        inside.add(i);
      }
    }
    return inside.size() == 1 ? Optional.of(inside.getFirst()) : Optional.empty();
  }

  /// The only column in the group `name` that itself is called `last`.
  Optional<Integer> find(String name, String last) {
    List<Integer> fitting = new ArrayList<>();
    for (int i = 0; i < leaves.size(); i++) {
      String leaf = leaves.get(i).name();
      if (leaf.startsWith(name + ".") && leaf.endsWith("." + last)) {
        fitting.add(i);
      }
    }
    return fitting.size() == 1 ? Optional.of(fitting.getFirst()) : Optional.empty();
  }

  String names() {
    return String.join(", ", leaves.stream().map(Leaf::name).toList());
  }

  private static final class Walk {
    private final String file;
    private final List<SchemaElement> elements;
    private final List<Leaf> leaves = new ArrayList<>();
    private int next = 1;

    Walk(String file, List<SchemaElement> elements) {
      this.file = file;
      this.elements = elements;
    }

    void children(int count, List<String> path, int repetition, int definition)
        throws DataException {
      for (int i = 0; i < count; i++) {
        if (next >= elements.size() || path.size() > DEEPEST) {
          throw broken();
        }
        SchemaElement element = elements.get(next++);
        List<String> inner = new ArrayList<>(path);
        inner.add(element.getName());
        FieldRepetitionType kind = element.getRepetition_type();
        if (kind == null) {
          throw broken();
        }
        int r = repetition + (kind == FieldRepetitionType.REPEATED ? 1 : 0);
        int d = definition + (kind == FieldRepetitionType.REQUIRED ? 0 : 1);
        if (element.isSetNum_children() && element.getNum_children() > 0) {
          children(element.getNum_children(), inner, r, d);
        } else {
          leaf(element, inner, r, d);
        }
      }
    }

    private void leaf(SchemaElement element, List<String> path, int repetition, int definition)
        throws DataException {
      if (element.getType() == null) {
        throw broken();
      }
      PrimitiveTypeName type =
          switch (element.getType()) {
            case BOOLEAN -> PrimitiveTypeName.BOOLEAN;
            case INT32 -> PrimitiveTypeName.INT32;
            case INT64 -> PrimitiveTypeName.INT64;
            case INT96 -> PrimitiveTypeName.INT96;
            case FLOAT -> PrimitiveTypeName.FLOAT;
            case DOUBLE -> PrimitiveTypeName.DOUBLE;
            case BYTE_ARRAY -> PrimitiveTypeName.BINARY;
            case FIXED_LEN_BYTE_ARRAY -> PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY;
          };
      Type.Repetition kind =
          Type.Repetition.valueOf(element.getRepetition_type().name().toUpperCase(Locale.ROOT));
      PrimitiveType primitive =
          new PrimitiveType(kind, type, element.getType_length(), element.getName());
      boolean text =
          "UTF8".equals(String.valueOf(element.getConverted_type()))
              || element.isSetLogicalType() && element.getLogicalType().isSetSTRING();
      leaves.add(
          new Leaf(
              String.join(".", path),
              new ColumnDescriptor(path.toArray(String[]::new), primitive, repetition, definition),
              text));
    }

    DataException broken() {
      return new DataException(file + ": is a damaged Parquet file: its schema is no tree");
    }
  }
}
