package dev.eosin.data.shard;

/// A file in a tar file.
///
/// @param name with folders, as the tar has it
/// @param header position of the header block directly before the body, in bytes
/// @param size of the body, which starts at `header` + 512, in bytes
/// @param extended whether the name is longer or stranger than the header block can say
record TarMember(String name, long header, long size, boolean extended) {}
