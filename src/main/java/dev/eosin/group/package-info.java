/// Ranks that train together and what they exchange: a single process, processes that speak through
/// an installed MPI or through NCCL, and several ranks in one Java machine, by which tests show
// that a family
/// computes the same on any number of them.
///
/// Ring 1: may use ring 0. Start reading at `Group`, then `Launch` (who started this process) and
/// `MpiGroup` or `NcclGroup`; `MpiCalls` is the one thread that calls MPI, `RankWatch` ends a job
// that hangs.
@NullMarked
package dev.eosin.group;

import org.jspecify.annotations.NullMarked;
