package dev.eosin.bench;

/// Where the process stood in one window of steps.
///
/// @param cpuMillis processor time of a step, of all threads
/// @param relativeCpu the same, of a step of the younger process
/// @param compilingMillis of a step, time that the JVM's compilers were at work beside it
/// @param residentMib memory that the system counts
/// @param nativeMib what C's heap holds; not a number where the C library does not count it
/// @param heapMib what the Java heap holds after a collection
/// @param openTensors at the end of the window
record SoakWindow(
    double cpuMillis,
    double relativeCpu,
    double compilingMillis,
    double residentMib,
    double nativeMib,
    double heapMib,
    long openTensors) {}
