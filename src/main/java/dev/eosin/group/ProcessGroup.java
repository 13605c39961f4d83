package dev.eosin.group;

import java.nio.file.Path;

/// Ranks as processes, each of which can end all of them.
public sealed interface ProcessGroup extends Group, AutoCloseable permits MpiGroup, NcclGroup {
  /// The library that is used, for `eosin info` and logs.
  String library();

  /// From now on each rank's last collectives are kept in a folder.
  void keepRecordsIn(Path folder);

  /// Ends every rank of the job, this one included, without another word.
  void abort(int code);

  /// Leaves the group in good order, together with all other ranks.
  @Override
  void close();
}
