package dev.eosin.data.parquet;

import java.io.IOException;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Dictionary;
import org.apache.parquet.column.page.DictionaryPage;

/// A dictionary that is decoded once, for all readers of its column: it may hold hundreds of
/// images.
///
/// Its values share a buffer whose position they move, so one thread at a time may read them.
final class ParquetDictionary extends DictionaryPage {
  private final Dictionary decoded;

  private ParquetDictionary(DictionaryPage page, Dictionary decoded) {
    super(
        BytesInput.empty(),
        page.getUncompressedSize(),
        page.getDictionarySize(),
        page.getEncoding());
    this.decoded = decoded;
  }

  /// @throws IOException when the page is damaged
  static ParquetDictionary of(DictionaryPage page, ColumnDescriptor column) throws IOException {
    return new ParquetDictionary(page, page.decode(column));
  }

  @Override
  public Dictionary decode(ColumnDescriptor column) {
    return decoded;
  }
}
