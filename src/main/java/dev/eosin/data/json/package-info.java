/// Records of JSON files as samples: arrays and lines, whose records are read again when they are
/// asked for; questions, conversations and published records among them.
///
/// Ring 2, above `data.tables`. Start reading at [JsonTable] and [JsonSource], then
/// [RecordMapping].
@NullMarked
package dev.eosin.data.json;

import org.jspecify.annotations.NullMarked;
